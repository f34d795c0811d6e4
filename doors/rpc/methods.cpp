#include "doors/rpc/methods.hpp"

#include <algorithm>
#include <array>

namespace waybill::rpc {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_argument = 200;

constexpr std::array<std::string_view, 2> of_payment{"order_id", "token"};
constexpr std::array<std::string_view, 1> of_order{"order_id"};
constexpr std::array<std::string_view, 1> of_method{"method_name"};

constexpr std::array methods{
  method{
    method_id::process_payment, "process_payment", "struct", of_payment, 1,
    "Pays an order that is paid later, with the card that `token` stands for, or, without one, with the card that "
    "came with the order. Waits a moment for the payment provider. Of an order that is paid, or is being paid, it "
    "charges nothing and tells how it stands: calling it again is safe. Answers with a struct: order_id, status, "
    "payment_status, outcome (paid, pending, declined, refunded), paid, charged (by this call), amount, currency."},
  method{
    method_id::payment_status, "payment_status", "struct", of_order, 1,
    "How the payment of an order stands. Answers with a struct: order_id, status, payment_status, outcome (paid, "
    "pending, awaiting, declined, refunded, void), paid, amount, currency, and pay_by while it waits for a payer."},
  method{method_id::list_methods, "system.listMethods", "array", {}, 0, "The names of all methods."},
  method{method_id::method_signature, "system.methodSignature", "array", of_method, 1,
         "The signatures of a method: of each one the type of the result, then those of the parameters."},
  method{method_id::method_help, "system.methodHelp", "string", of_method, 1, "What a method does."},
};

/// One signature for each number of parameters that a call may have.
json::array signatures_of(const method& which) {
  json::array signatures;
  for (auto count = which.required; count <= which.parameters.size(); ++count) {
    json::array signature;
    signature.emplace_back(which.result);
    for (std::size_t i = 0; i < count; ++i)
      signature.emplace_back("string");
    signatures.emplace_back(std::move(signature));
  }
  return signatures;
}

/// The argument as it is to be, or what is wrong with it.
std::optional<fault> take(std::string_view name, const json::value& from, std::string& to) {
  if (!from.is_string())
    return invalid_parameters(std::string{name} + " must be a string");
  to = from.get_string();
  if (to.empty() || to.size() > longest_argument)
    return invalid_parameters(std::string{name} + " must have 1 to " + std::to_string(longest_argument) + " octets");
  return std::nullopt;
}

/// The values in the order of the parameters; null for one that is not there.
std::variant<std::vector<const json::value*>, fault> in_order(const method& to, const call& from) {
  std::vector<const json::value*> values(to.parameters.size(), nullptr);
  if (const auto* positional = std::get_if<json::array>(&from.parameters)) {
    if (positional->size() > values.size())
      return invalid_parameters("there are too many parameters");
    for (std::size_t i = 0; i < positional->size(); ++i)
      values[i] = &(*positional)[i];
    return values;
  }
  for (const auto& [name, value] : std::get<json::object>(from.parameters)) {
    const auto place = std::ranges::find(to.parameters, std::string_view{name});
    if (place == to.parameters.end())
      return invalid_parameters("there is no parameter '" + std::string{name}.substr(0, longest_argument) + "'");
    values[static_cast<std::size_t>(place - to.parameters.begin())] = &value;
  }
  return values;
}

} // namespace

const method* find_method(std::string_view name) noexcept {
  const auto* const place = std::ranges::find(methods, name, &method::name);
  return place == methods.end() ? nullptr : place;
}

std::variant<std::vector<std::string>, fault> bind(const method& to, const call& from) {
  const auto values = in_order(to, from);
  if (const auto* wrong = std::get_if<fault>(&values))
    return *wrong;
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < to.parameters.size(); ++i) {
    const auto* value = std::get<0>(values)[i];
    const bool is_there = value != nullptr && !(i >= to.required && value->is_null());
    if (!is_there && i < to.required)
      return invalid_parameters(std::string{to.parameters[i]} + " is missing");
    if (!is_there)
      continue;
    if (auto wrong = take(to.parameters[i], *value, arguments.emplace_back()))
      return *wrong;
  }
  return arguments;
}

outcome describe(const method& which, const std::vector<std::string>& arguments) {
  if (which.id == method_id::list_methods) {
    json::array names;
    for (const auto& known : methods)
      names.emplace_back(known.name);
    return json::value(std::move(names));
  }
  const auto* asked = find_method(arguments.at(0));
  if (asked == nullptr)
    return no_such_method(arguments.at(0));
  if (which.id == method_id::method_signature)
    return json::value(signatures_of(*asked));
  return json::value(asked->help);
}

fault no_such_method(std::string_view name) {
  return {fault_code::method_not_found, "method_not_found",
          "there is no method '" + std::string{name.substr(0, longest_argument)}
            + "'; system.listMethods names all of them"};
}

} // namespace waybill::rpc
