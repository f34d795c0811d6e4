#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"

#include <boost/describe/bases.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string_view>
#include <type_traits>

/// Lets CAF save, load and print every described struct and enum of our namespaces: members are listed once, in
/// BOOST_DESCRIBE_STRUCT. The order of the members is the order on the wire: append only.
namespace waybill::wire {

template <class T>
concept described_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class Inspector, described_struct T>
bool inspect_members(Inspector& f, T& x) {
  using members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
  return [&]<template <class...> class List, class... Member>(List<Member...>) {
    return f.object(x).fields(f.field(std::string_view{Member::name}, x.*Member::pointer)...);
  }(members{});
}

template <class Inspector, class T>
bool inspect_enum(Inspector& f, T& x) {
  using number = std::underlying_type_t<T>;
  return f.apply([&x] { return static_cast<number>(x); },
                 [&x](number value) {
                   x = static_cast<T>(value);
                   return true;
                 });
}

} // namespace waybill::wire

// CAF finds `inspect` by the namespace of its argument, so each of ours gets the same two overloads.
#define WAYBILL_WIRE_TYPES_OF_NAMESPACE()                                                                              \
  template <class Inspector, ::waybill::wire::described_struct T>                                                      \
  bool inspect(Inspector& f, T& x) {                                                                                   \
    return ::waybill::wire::inspect_members(f, x);                                                                     \
  }                                                                                                                    \
  template <class Inspector, ::waybill::wire::described_enum T>                                                        \
  bool inspect(Inspector& f, T& x) {                                                                                   \
    return ::waybill::wire::inspect_enum(f, x);                                                                        \
  }

namespace waybill {

WAYBILL_WIRE_TYPES_OF_NAMESPACE()

/// As a number: its values stand in errors.hpp, which few sources need.
template <class Inspector>
bool inspect(Inspector& f, ec& x) {
  return wire::inspect_enum(f, x);
}

template <class Inspector, class Tag>
bool inspect(Inspector& f, id<Tag>& x) {
  return f.apply(x.value);
}

} // namespace waybill

namespace waybill::order {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::product {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::payment {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::delivery {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::courier {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::user {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::bulk {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::follower {
/// Enums only: of a struct that derives from one of this namespace, the overload of its own namespace is the one.
template <class Inspector, wire::described_enum T>
bool inspect(Inspector& f, T& x) {
  return wire::inspect_enum(f, x);
}
} // namespace waybill::follower

namespace waybill::webhook {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::function {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}

namespace waybill::sink {
WAYBILL_WIRE_TYPES_OF_NAMESPACE()
}
