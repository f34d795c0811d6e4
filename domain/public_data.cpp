#include "domain/public_data.hpp"

#include "domain/bulk/bulk_action.hpp"
#include "domain/courier.hpp"
#include "domain/delivery.hpp"
#include "domain/function/function.hpp"
#include "domain/json/codec.hpp"
#include "domain/order/events.hpp"
#include "domain/payment.hpp"
#include "domain/product.hpp"
#include "domain/sink/sink.hpp"
#include "domain/user.hpp"
#include "domain/webhook/endpoint.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace waybill {

namespace {

namespace json = boost::json;

template <class T>
struct element {
  using type = T;
};
template <class T>
struct element<std::optional<T>> : element<T> {};
template <class T>
struct element<std::vector<T>> : element<T> {};

/// Whether `T`, or a struct inside of it, hides a member.
template <class T>
constexpr bool hides_members() {
  bool hides = false;
  if constexpr (boost::describe::has_describe_members<T>::value) {
    boost::mp11::mp_for_each<codec::members_of<T>>([&](auto member) {
      using value = typename element<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>::type;
      hides = hides || codec::is_hidden<T>(decltype(member)::name) || hides_members<value>();
    });
  }
  return hides;
}

void erase(json::object& data, std::string_view name) {
  if (const auto member = data.find({name.data(), name.size()}); member != data.end())
    data.stable_erase(member);
}

template <class T>
void erase_hidden(json::object& data);

/// Whether `data` is an object, or an array of objects, whose hidden members are erased now.
template <class T>
bool erase_hidden_inside(json::value& data) {
  if (auto* object = data.if_object()) {
    erase_hidden<T>(*object);
    return true;
  }
  auto* elements = data.if_array();
  return elements != nullptr && std::all_of(elements->begin(), elements->end(), [](json::value& value) {
           return erase_hidden_inside<T>(value);
         });
}

template <class T>
void erase_hidden(json::object& data) {
  boost::mp11::mp_for_each<codec::members_of<T>>([&](auto member) {
    using value = typename element<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>::type;
    if constexpr (codec::is_hidden<T>(decltype(member)::name)) {
      erase(data, member.name);
    } else if constexpr (hides_members<value>()) {
      if (auto* inside = data.if_contains(member.name); inside && !erase_hidden_inside<value>(*inside))
        erase(data, member.name);
    }
  });
}

using erase_function = void (*)(json::object&);
using erase_table = std::vector<std::pair<std::string_view, erase_function>>;

template <class... Events>
void add_to(erase_table& table, const std::variant<Events...>*) {
  const auto add = [&]<class Event>(const Event*) {
    if constexpr (hides_members<Event>())
      table.emplace_back(Event::type, &erase_hidden<Event>);
  };
  (add(static_cast<const Events*>(nullptr)), ...);
}

template <class... Variants>
erase_table make_table() {
  erase_table table;
  (add_to(table, static_cast<const Variants*>(nullptr)), ...);
  return table;
}

/// Null for a type that hides nothing.
erase_function find_eraser(std::string_view type) {
  static const auto table = make_table<order::event, product::event, payment::event, delivery::event, courier::event,
                                       user::event, webhook::event, bulk::event, function::event, sink::event>();
  for (const auto& [event_type, eraser] : table)
    if (event_type == type)
      return eraser;
  return nullptr;
}

} // namespace

std::string public_event_data(std::string_view type, std::string data) {
  const auto eraser = find_eraser(type);
  if (eraser == nullptr)
    return data;
  auto parsed = codec::document::parse(data);
  auto* object = parsed ? parsed->object() : nullptr;
  if (object == nullptr)
    return "{}";
  eraser(*object);
  return json::serialize(*object);
}

} // namespace waybill
