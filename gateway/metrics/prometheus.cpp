#include "gateway/metrics/prometheus.hpp"

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

namespace {

namespace telemetry = caf::telemetry;

void append_number(std::string& out, std::int64_t value) {
  out += value == std::numeric_limits<std::int64_t>::max() ? "+Inf" : std::to_string(value);
}

/// As short as can be without another value being meant; without an exponent where people read it better so.
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

/// A backslash, a line feed and, in the values of labels, a double quote have an escape.
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

void append_name(std::string& out, std::string_view name) {
  for (const char c : name)
    out += c == '.' || c == '-' ? '_' : c;
}

class text_collector {
public:
  template <class Value>
  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::counter<Value>* counter) {
    begin(*family, "counter");
    sample({}, *instance, {}, counter->value());
  }

  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::int_gauge* gauge) {
    begin(*family, "gauge");
    sample({}, *instance, {}, gauge->value());
  }

  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::dbl_gauge* gauge) {
    begin(*family, "gauge");
    sample({}, *instance, {}, gauge->value());
  }

  template <class Value>
  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::histogram<Value>* histogram) {
    begin(*family, "histogram");
    std::int64_t below = 0;
    for (const auto& bucket : histogram->buckets()) {
      below += bucket.count.value();
      std::string bound;
      append_number(bound, bucket.upper_bound);
      sample("_bucket", *instance, bound, below);
    }
    sample("_sum", *instance, {}, histogram->sum());
    sample("_count", *instance, {}, below);
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
    if (const std::string_view unit{family.unit()}; !unit.empty() && unit != "1") {
      name_ += '_';
      append_name(name_, unit);
    }
    if (type == "counter")
      name_ += "_total";
    out_.append("# HELP ").append(name_).append(" ");
    append_escaped(out_, family.helptext(), false);
    out_.append("\n# TYPE ").append(name_).append(" ").append(type).append("\n");
  }

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
    out_ += '\n';
  }

  std::string out_;
  std::string name_;
  const telemetry::metric_family* family_ = nullptr;
};

} // namespace

std::string prometheus_text(const telemetry::metric_registry& registry) {
  text_collector collector;
  registry.collect(collector);
  return collector.take();
}

} // namespace waybill::http
