#include "tests/support/span_collector.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace waybill::test {

namespace {

/// One field of a message.
struct field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

/// Goes through the fields of a message.
class reader {
public:
  explicit reader(std::string_view in) : in_(in) {}

  bool next(field& out) {
    if (in_.empty())
      return false;
    const auto tag = varint();
    out = {tag >> 3U, 0, {}};
    switch (tag & 7U) {
      case 0: out.value = varint(); break;
      case 1: out.value = fixed(8); break;
      case 2: out.bytes = cut(varint()); break;
      case 5: out.value = fixed(4); break;
      default: throw std::runtime_error("wire type " + std::to_string(tag & 7U));
    }
    return true;
  }

private:
  std::string_view cut(std::uint64_t size) {
    if (size > in_.size())
      throw std::runtime_error("a message is cut off");
    const auto part = in_.substr(0, size);
    in_.remove_prefix(size);
    return part;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const auto octet = static_cast<unsigned char>(cut(1).front());
      value += std::uint64_t{octet % 128U} << shift;
      if (octet < 128)
        return value;
    }
    throw std::runtime_error("a number without an end");
  }

  std::uint64_t fixed(std::size_t size) {
    const auto part = cut(size);
    std::uint64_t value = 0;
    for (auto octet = part.rbegin(); octet != part.rend(); ++octet)
      value = value * 256 + static_cast<unsigned char>(*octet);
    return value;
  }

  std::string_view in_;
};

template <class OnField>
void for_each_field(std::string_view message, OnField on_field) {
  reader in{message};
  for (field next; in.next(next);)
    on_field(next);
}

std::string hex(std::string_view octets) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    text += digits[static_cast<unsigned char>(c) / 16];
    text += digits[static_cast<unsigned char>(c) % 16];
  }
  return text;
}

std::string value_of(std::string_view any_value) {
  std::string text;
  for_each_field(any_value, [&](const field& next) {
    if (next.number == 1)
      text = next.bytes;
    else if (next.number == 2)
      text = next.value != 0 ? "true" : "false";
    else if (next.number == 3)
      text = std::to_string(static_cast<std::int64_t>(next.value));
    else
      throw std::runtime_error("a value of another type");
  });
  return text;
}

void add_pair(std::map<std::string, std::string>& to, std::string_view pair) {
  std::string key;
  std::string value;
  for_each_field(pair, [&](const field& next) {
    (next.number == 1 ? key : value) = next.number == 1 ? std::string{next.bytes} : value_of(next.bytes);
  });
  if (!to.emplace(key, value).second)
    throw std::runtime_error("the attribute " + key + " is there twice");
}

collected_event event_of(std::string_view message) {
  collected_event event;
  for_each_field(message, [&](const field& next) {
    switch (next.number) {
      case 1: event.at = next.value; break;
      case 2: event.name = next.bytes; break;
      case 3: add_pair(event.attributes, next.bytes); break;
      default: throw std::runtime_error("an event has field " + std::to_string(next.number));
    }
  });
  return event;
}

collected_span span_of(std::string_view message, const std::map<std::string, std::string>& resource) {
  collected_span span;
  span.resource = resource;
  for_each_field(message, [&](const field& next) {
    switch (next.number) {
      case 1: span.trace = hex(next.bytes); break;
      case 2: span.id = hex(next.bytes); break;
      case 4: span.parent = hex(next.bytes); break;
      case 5: span.name = next.bytes; break;
      case 6: span.kind = next.value; break;
      case 7: span.begun = next.value; break;
      case 8: span.ended = next.value; break;
      case 9: add_pair(span.attributes, next.bytes); break;
      case 11: span.events.push_back(event_of(next.bytes)); break;
      case 15:
        for_each_field(next.bytes, [&](const field& inner) {
          if (inner.number == 2)
            span.failure = inner.bytes;
          else if (inner.number == 3)
            span.failed = inner.value == 2;
        });
        break;
      case 16: span.flags = next.value; break;
      default: throw std::runtime_error("a span has field " + std::to_string(next.number));
    }
  });
  if (span.trace.size() != 32 || span.id.size() != 16 || span.name.empty() || span.ended < span.begun)
    throw std::runtime_error("a span is not whole: " + span.name);
  return span;
}

} // namespace

std::vector<collected_span> decode_spans(std::string_view request) {
  std::vector<collected_span> spans;
  for_each_field(request, [&](const field& of_resource) {
    if (of_resource.number != 1)
      throw std::runtime_error("a request has field " + std::to_string(of_resource.number));
    std::map<std::string, std::string> resource;
    for_each_field(of_resource.bytes, [&](const field& part) {
      if (part.number == 1)
        for_each_field(part.bytes, [&](const field& pair) { add_pair(resource, pair.bytes); });
      if (part.number == 2)
        for_each_field(part.bytes, [&](const field& inner) {
          if (inner.number == 2)
            spans.push_back(span_of(inner.bytes, resource));
        });
    });
  });
  return spans;
}

span_collector::span_collector(std::function<testing::scripted_answer()> answer)
  : answer_(std::move(answer)), server_([this](const testing::scripted_request& request) { return take(request); }) {}

testing::scripted_answer span_collector::take(const testing::scripted_request& request) {
  const std::lock_guard guard{mutex_};
  auto answer = answer_();
  if (request.method != "POST" || request.target != "/v1/traces"
      || request.headers["content-type"] != "application/x-protobuf")
    complaints_ += request.method + ' ' + request.target + " as " + request.headers["content-type"] + '\n';
  if (answer.status != 200 || answer.hang_up || answer.silent)
    return answer;
  try {
    for (auto& span : decode_spans(request.body))
      spans_.push_back(std::move(span));
  } catch (const std::exception& trouble) {
    complaints_ += std::string{trouble.what()} + '\n';
  }
  return answer;
}

std::vector<collected_span> span_collector::spans(const std::string& trace) const {
  const std::lock_guard guard{mutex_};
  auto all = spans_;
  if (!trace.empty())
    std::erase_if(all, [&](const collected_span& span) { return span.trace != trace; });
  return all;
}

std::string span_collector::complaints() const {
  const std::lock_guard guard{mutex_};
  return complaints_;
}

std::string faults_of_tree(const std::vector<collected_span>& spans, const std::string& outer) {
  std::map<std::string, const collected_span*> by_id;
  std::string faults;
  for (const auto& span : spans) {
    const auto [known, added] = by_id.emplace(span.id, &span);
    if (!added && (known->second->parent != span.parent || known->second->name != span.name))
      faults += span.id + " is both " + known->second->name + " and " + span.name + '\n';
  }
  std::set<std::string> roots;
  for (const auto& [id, span] : by_id) {
    std::set<std::string> seen;
    const auto* place = span;
    while (by_id.contains(place->parent) && seen.insert(place->id).second)
      place = by_id.at(place->parent);
    if (by_id.contains(place->parent))
      faults += span->name + " is its own ancestor\n";
    else if (place->parent != outer)
      faults += span->name + " leads to " + place->name + ", whose parent " + place->parent + " is no span\n";
    roots.insert(place->id);
  }
  if (roots.size() > 1)
    faults += std::to_string(roots.size()) + " roots\n";
  return faults;
}

std::string drawing_of(const std::vector<collected_span>& spans) {
  std::map<std::string, const collected_span*> by_id;
  for (const auto& span : spans)
    by_id.emplace(span.id, &span);
  std::vector<const collected_span*> in_order;
  for (const auto& [id, span] : by_id)
    in_order.push_back(span);
  std::ranges::sort(in_order, {}, &collected_span::begun);
  std::string text;
  const std::function<void(const collected_span&, std::size_t)> draw = [&](const collected_span& span,
                                                                           std::size_t depth) {
    text += std::string(2 * depth, ' ') + span.name + " (" + span.resource.at("service.instance.id") + ", "
            + std::to_string((span.ended - span.begun) / 1000) + " us)\n";
    if (depth < 20)
      for (const auto* child : in_order)
        if (child->parent == span.id)
          draw(*child, depth + 1);
  };
  for (const auto* span : in_order)
    if (!by_id.contains(span->parent))
      draw(*span, 0);
  return text;
}

} // namespace waybill::test
