#pragma once

#include "domain/base/money.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// How many decimals the currency has: 2 of EUR, 0 of JPY, 3 of KWD. Nothing for a code that ISO 4217 does not have or
/// that has no minor unit, as XXX, XTS and gold.
std::optional<int> decimals_of(std::string_view code) noexcept;

/// Whether `code` has the form of a currency. What was stored before codes were checked goes on with it.
bool has_currency_form(std::string_view code) noexcept;

/// As a person reads it: `28.00 EUR`, `2800 JPY`, `-1.234 KWD`. An amount of a currency that ISO 4217 does not have
/// stays in its minor units.
std::string to_text(const money& amount);

} // namespace waybill
