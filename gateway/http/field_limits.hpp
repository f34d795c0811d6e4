#pragma once

#include "domain/function/answers.hpp"
#include "gateway/http/json_body.hpp"

/// The limits of values in bodies; lengths in characters.
namespace waybill::http::limits {

inline constexpr length lines{1, 100};
inline constexpr range quantity{1, 10'000};
inline constexpr length product_reference{1, 64};
inline constexpr length sku{1, 64};
inline constexpr length product_name{1, 200};
inline constexpr range price{0, 1'000'000'000'000};
inline constexpr range refund{1, 1'000'000'000'000'000};
inline constexpr range stock{0, 1'000'000'000};
inline constexpr range stock_change{-1'000'000'000, 1'000'000'000};
inline constexpr length payment_method{1, 32};
inline constexpr length payment_token{1, 200};
inline constexpr length person_name{1, 200};
inline constexpr length email{3, 254};
/// The upper bound only saves the time to hash; no person reaches it.
inline constexpr length password{10, 128};
inline constexpr length address{1, 500};
inline constexpr length note{0, 1'000};
inline constexpr length reason{1, 500};
/// The same for people as for functions.
inline constexpr length notification_text{1, function::max_sentence};
/// Of an id that is looked for, whatever it is.
inline constexpr length id{1, 64};
inline constexpr length webhook_url{1, 2'048};
inline constexpr length webhook_description{0, 200};
inline constexpr std::uint32_t webhook_endpoints = 100;
inline constexpr std::uint32_t sinks = 50;
inline constexpr std::uint32_t functions = 200;
inline constexpr std::size_t idempotency_key = 255;

} // namespace waybill::http::limits
