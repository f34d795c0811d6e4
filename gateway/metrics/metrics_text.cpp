#include "gateway/metrics/metric_writer.hpp"

#include "tracing/exemplars.hpp"

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/label.hpp>
#include <caf/telemetry/metric.hpp>
#include <caf/telemetry/metric_family.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <string_view>
#include <type_traits>

namespace waybill::http {

namespace telemetry = caf::telemetry;

void append_number(std::string& out, std::int64_t value) {
  out += value == std::numeric_limits<std::int64_t>::max() ? "+Inf" : std::to_string(value);
}

void append_number(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
    return;
  }
  constexpr double least_plain = 1e-6;
  constexpr double most_plain = 1e15;
  const auto size = std::abs(value);
  const bool is_plain = size == 0 || (size >= least_plain && size < most_plain);
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value,
                                 is_plain ? std::chars_format::fixed : std::chars_format::general)
                     .ptr;
  out.append(std::begin(buffer), end);
}

void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || (in_quotes && c == '"'))
      (out += '\\') += c;
    else
      out += c;
  }
}

/// In OpenMetrics a family of counters has the name without `_total`.
void append_family(std::string& out, exposition format, std::string_view name, std::string_view type,
                   std::string_view unit, std::string_view help) {
  constexpr std::string_view total = "_total";
  const bool open = format == exposition::openmetrics;
  if (open && type == "counter" && name.ends_with(total))
    name.remove_suffix(total.size());
  out.append("# HELP ").append(name).append(" ");
  // There a double quote has an escape here, too.
  append_escaped(out, help, open);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  if (open && !unit.empty())
    out.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
}

namespace {

void append_name(std::string& out, std::string_view name) {
  for (const char c : name)
    out += c == '.' || c == '-' ? '_' : c;
}

class text_collector {
public:
  text_collector(exposition format, const tracing::exemplars* known) : format_(format), exemplars_(known) {}

  template <class Value>
  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::counter<Value>* counter) {
    begin(*family, "counter");
    sample({}, *instance, {}, counter->value());
    end_line();
  }

  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::int_gauge* gauge) {
    begin(*family, "gauge");
    sample({}, *instance, {}, gauge->value());
    end_line();
  }

  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::dbl_gauge* gauge) {
    begin(*family, "gauge");
    sample({}, *instance, {}, gauge->value());
    end_line();
  }

  template <class Value>
  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::histogram<Value>* histogram) {
    begin(*family, "histogram");
    std::int64_t below = 0;
    for (const auto& bucket : histogram->buckets()) {
      below += bucket.count.value();
      sample("_bucket", *instance, bound_text(bucket.upper_bound), below);
      if (format_ == exposition::openmetrics && exemplars_ != nullptr)
        if (const auto example = exemplars_->find(&bucket))
          append(*example);
      end_line();
    }
    sample("_sum", *instance, {}, histogram->sum());
    end_line();
    sample("_count", *instance, {}, below);
    end_line();
  }

  std::string take() { return std::move(out_); }

private:
  void begin(const telemetry::metric_family& family, std::string_view type) {
    if (family_ == &family)
      return;
    family_ = &family;
    name_.clear();
    append_name(name_, family.prefix());
    name_ += '_';
    append_name(name_, family.name());
    std::string unit;
    if (const std::string_view given{family.unit()}; given != "1")
      append_name(unit, given);
    if (!unit.empty())
      name_.append("_").append(unit);
    if (type == "counter")
      name_ += "_total";
    append_family(out_, format_, name_, type, unit, family.helptext());
  }

  /// OpenMetrics wants numbers with a point.
  template <class Value>
  [[nodiscard]] std::string bound_text(Value bound) const {
    std::string text;
    append_number(text, bound);
    if (format_ == exposition::openmetrics && text.find_first_not_of("0123456789") == std::string::npos)
      text += ".0";
    return text;
  }

  void append(const tracing::exemplar& example) {
    out_.append(" # {trace_id=\"").append(to_hex(example.trace)).append("\"} ");
    append_number(out_, example.value);
    out_ += ' ';
    append_number(out_, std::chrono::duration<double>(example.at.time_since_epoch()).count());
  }

  void end_line() { out_ += '\n'; }

  template <class Value>
  void sample(std::string_view suffix, const telemetry::metric& instance, std::string_view bound, Value value) {
    out_.append(name_).append(suffix);
    char separator = '{';
    const auto label = [&](std::string_view name, std::string_view text) {
      (out_ += separator).append(name).append("=\"");
      append_escaped(out_, text, true);
      out_ += '"';
      separator = ',';
    };
    for (const auto& known : instance.labels())
      label({known.name().data(), known.name().size()}, {known.value().data(), known.value().size()});
    if (!bound.empty())
      label("le", bound);
    if (separator == ',')
      out_ += '}';
    out_ += ' ';
    append_number(out_, value);
  }

  const exposition format_;
  const tracing::exemplars* const exemplars_;
  std::string out_;
  std::string name_;
  const telemetry::metric_family* family_ = nullptr;
};

} // namespace

std::string metrics_text(const telemetry::metric_registry& registry, exposition format,
                         const tracing::exemplars* known) {
  text_collector collector{format, known};
  registry.collect(collector);
  auto text = collector.take();
  append_process_metrics(text, format);
  if (format == exposition::openmetrics)
    text += "# EOF\n";
  return text;
}

} // namespace waybill::http
