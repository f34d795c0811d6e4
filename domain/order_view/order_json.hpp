#pragma once

#include "domain/json/json_writer.hpp"
#include "domain/order/order.hpp"

#include <vector>

/// An order as the API shows it. Whoever shows one elsewhere, the shell's comparison of versions, takes the names from
/// here.
namespace waybill {

/// Without the payment token.
void write_order(json_writer& out, const order::state& order);

/// The lines of an order as an array.
void write_lines(json_writer& out, const std::vector<order::line>& lines);
void write_money(json_writer& out, const money& amount);
void write_person(json_writer& out, const order::person& person);
void write_delivery_to(json_writer& out, const order::recipient& recipient);

} // namespace waybill
