#pragma once

#include "persistence/database/bulk_statement.hpp"

#include <libpq-fe.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace waybill {

/// How PostgreSQL calls a type of column.
struct postgresql_type {
  Oid element;
  Oid array;
  const char* name;
};

/// The object ids of built-in types never change (pg_type.dat).
inline postgresql_type type_of(column::type kind) {
  switch (kind) {
    case column::type::text: return {25, 1009, "text[]"};
    case column::type::bigint: return {20, 1016, "bigint[]"};
    case column::type::smallint: return {21, 1005, "smallint[]"};
    case column::type::boolean: return {16, 1000, "boolean[]"};
  }
  return {25, 1009, "text[]"};
}

/// The values of one column as an array in PostgreSQL's binary format (array_recv in arrayfuncs.c): a header, then the
/// length and the bytes of each element; all numbers in network order.
class postgresql_array {
public:
  explicit postgresql_array(column::type kind) : kind_{kind} { clear(); }

  void add_text(std::string_view value) {
    add_length(value.size());
    bytes_.append(value);
  }

  void add_number(long long value) {
    switch (kind_) {
      case column::type::bigint: return add_fixed<8>(static_cast<std::uint64_t>(value));
      case column::type::smallint: return add_fixed<2>(static_cast<std::uint64_t>(value));
      default: return add_fixed<1>(value == 0 ? 0 : 1);
    }
  }

  void add_null() {
    constexpr std::uint32_t no_bytes = 0xffffffff;
    add_length(no_bytes);
    has_null_ = true;
  }

  /// The array with its header filled in for `count` elements; valid until the next change.
  std::string_view finish(std::size_t count) {
    char* header = bytes_.data();
    put<4>(header, 1); // dimensions
    put<4>(header + 4, has_null_ ? 1 : 0);
    put<4>(header + 8, type_of(kind_).element);
    put<4>(header + 12, count);
    put<4>(header + 16, 1); // the first index
    return bytes_;
  }

  void clear() {
    bytes_.resize(header_size);
    has_null_ = false;
  }

private:
  static constexpr std::size_t header_size = 20;

  template <std::size_t Bytes>
  static void put(char* to, std::uint64_t value) {
    for (std::size_t i = 0; i < Bytes; ++i)
      to[i] = static_cast<char>(value >> (8 * (Bytes - 1 - i)));
  }

  void add_length(std::size_t length) {
    std::array<char, 4> text{};
    put<4>(text.data(), length);
    bytes_.append(text.data(), text.size());
  }

  template <std::size_t Bytes>
  void add_fixed(std::uint64_t value) {
    std::array<char, 4 + Bytes> text{};
    put<4>(text.data(), Bytes);
    put<Bytes>(text.data() + 4, value);
    bytes_.append(text.data(), text.size());
  }

  column::type kind_;
  std::string bytes_;
  bool has_null_ = false;
};

} // namespace waybill
