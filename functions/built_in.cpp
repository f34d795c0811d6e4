#include "functions/built_in.hpp"

#include <algorithm>
#include <array>

namespace waybill::sandbox {

namespace {

constexpr std::string_view calculate_total = R"lua(-- {items: [{price, quantity}]} -> the total
-- A price is a whole number in minor units (1299 is 12.99 EUR), and so is the total.
if type(input) ~= "table" or type(input.items) ~= "table" then
  error("input.items must be a list of items", 0)
end
local total = 0
for place, item in ipairs(input.items) do
  local price = type(item) == "table" and item.price
  local quantity = type(item) == "table" and item.quantity
  if math.type(price) ~= "integer" or price < 0 then
    error("the price of item " .. place .. " must be a whole number of minor units", 0)
  end
  if math.type(quantity) ~= "integer" or quantity < 1 then
    error("the quantity of item " .. place .. " must be a whole number from 1", 0)
  end
  if price > (math.maxinteger - total) // quantity then
    error("the total is too large", 0)
  end
  total = total + price * quantity
end
return total
)lua";

constexpr std::string_view format_order = R"lua(-- {order: as GET /v1/orders/{id} shows it} -> the order as text, a line for each of its lines
local order = type(input) == "table" and input.order
if type(order) ~= "table" or type(order.lines) ~= "table" then
  error("input.order must be an order", 0)
end

local function money(value)
  if type(value) ~= "table" or math.type(value.amount) ~= "integer" or type(value.currency) ~= "string" then
    error("an amount in the order is not {amount, currency}", 0)
  end
  return format_money(value.amount, value.currency)
end

local function text(value, otherwise)
  return type(value) == "string" and value ~= "" and value or otherwise
end

local out = {}
local function add(line)
  out[#out + 1] = line
end

add("Order " .. text(order.id, "without an id") .. ", " .. text(order.status, "of no status"))
for _, line in ipairs(order.lines) do
  add(tostring(line.quantity) .. " x " .. text(line.name, "?") .. " at " .. money(line.unit_price) .. " = "
    .. money(line.total))
end
add("Total: " .. money(order.total))
local delivery = order.delivery
if type(delivery) == "table" then
  add("To: " .. text(delivery.name, "?") .. ", " .. text(delivery.address, "?"))
end
local note = text(order.note, nil)
if note then
  add("Note: " .. note)
end
return table.concat(out, "\n")
)lua";

constexpr std::string_view validate_email = R"lua(-- {email} -> {valid, reason}
-- RFC 5321, sections 4.1.2 and 4.5.3.1, without quoted local parts and address literals.
local email = type(input) == "table" and input.email
if type(email) ~= "string" then
  error("input.email must be a text", 0)
end

local function wrong(reason)
  return {valid = false, reason = reason}
end

if #email > 254 then
  return wrong("it has more than 254 characters")
end
local name, domain = email:match("^([^@]*)@([^@]*)$")
if not name then
  return wrong("it must have one @")
end
if name == "" or #name > 64 then
  return wrong("there must be 1 to 64 characters before the @")
end
if name:find("[^%w!#$%%&'*+/=?^_`{|}~.-]") then
  return wrong("a character before the @ is not allowed")
end
if name:find("^%.") or name:find("%.$") or name:find("..", 1, true) then
  return wrong("a dot before the @ must stand between other characters")
end
for label in (domain .. "."):gmatch("([^.]*)%.") do
  if label == "" or #label > 63 or label:find("[^%w-]") or label:find("^-") or label:find("-$") then
    return wrong("the part after the @ is no name of a host")
  end
end
return {valid = true}
)lua";

constexpr std::array<built_in, 3> all{
  {{"calculate-total", calculate_total}, {"format-order", format_order}, {"validate-email", validate_email}}};

} // namespace

std::span<const built_in> built_ins() noexcept {
  return all;
}

const built_in* find_built_in(std::string_view name) noexcept {
  const auto* const place = std::ranges::find(all, name, &built_in::name);
  return place == all.end() ? nullptr : place;
}

} // namespace waybill::sandbox
