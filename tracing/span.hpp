#pragma once

#include "domain/base/time.hpp"
#include "tracing/trace_context.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace waybill::tracing {

/// The numbers are those of OTLP.
enum class span_kind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

struct attribute {
  std::string name;
  std::variant<std::string, std::int64_t, bool> value;
};

using attributes = std::vector<attribute>;

/// A moment within a span.
struct span_event {
  std::string name;
  timestamp at;
  tracing::attributes attributes = {};
};

struct span {
  trace_id trace;
  span_id id = 0;
  /// Zero: it is the root of its trace.
  span_id parent = 0;
  /// The parent is a span of somebody else.
  bool parent_is_remote = false;
  /// Of few values: what happened, not to whom.
  std::string name;
  span_kind kind = span_kind::internal;
  timestamp begun;
  timestamp ended;
  tracing::attributes attributes = {};
  std::vector<span_event> events = {};
  /// What it stands for came to nothing. `failure` may be empty.
  bool failed = false;
  std::string failure = {};

  void set(std::string attribute_name, std::string value) {
    attributes.push_back({std::move(attribute_name), std::move(value)});
  }
  void set(std::string attribute_name, std::int64_t value) { attributes.push_back({std::move(attribute_name), value}); }

  /// For its children, and for others who are told of it.
  [[nodiscard]] trace_context context() const { return {trace, id, true}; }
};

/// A span below `parent` that begins at `begun`.
inline span child_of(const trace_context& parent, span_id id, std::string name, timestamp begun) {
  span made;
  made.trace = parent.trace;
  made.id = id;
  made.parent = parent.span;
  made.name = std::move(name);
  made.begun = made.ended = begun;
  return made;
}

} // namespace waybill::tracing
