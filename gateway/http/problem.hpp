#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::http {

/// What is wrong with one value; `pointer` is a JSON pointer (RFC 6901) into the body, or into the query parameters as
/// if they were members of an object.
struct field_error {
  std::string pointer;
  std::string detail;
};

/// An error answer (RFC 9457). Handlers throw it; the connection turns it into a response. `detail` is for people and
/// holds nothing internal.
struct problem {
  unsigned status = 500;
  /// The stable word that clients may compare, as in openapi.yaml.
  std::string_view code = "internal";
  std::string detail;
  std::vector<field_error> errors;
  /// Headers that the answer needs, for example Allow.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Of the source of a function, from 1; zero: the problem is in no line.
  std::uint32_t line = 0;
  /// The function that refuses what was asked for; empty: it is not a function that does.
  std::string function = {};
};

/// The problem that stands for an actor's failure.
problem to_problem(const failure& reason);

problem invalid_fields(unsigned status, std::vector<field_error> errors);
problem not_found(std::string detail);
/// There are `most` of them already.
problem limit_reached(std::uint32_t most, std::string_view of_what);
/// With the challenge of RFC 6750, section 3.
problem unauthenticated(std::string detail);

/// The reason phrase of `status`.
std::string_view phrase(unsigned status) noexcept;

/// The body of type application/problem+json.
std::string to_json(const problem& error, std::string_view instance, std::string_view request_id);

} // namespace waybill::http
