#pragma once

#include "domain/function/function.hpp"
#include "domain/json/json_writer.hpp"
#include "functions/built_in.hpp"
#include "messages/functions/functions.hpp"

#include <optional>

/// Functions as JSON, as clients see them.
namespace waybill::http {

/// One that is built in has the version 1 for ever.
inline constexpr std::uint64_t built_in_version = 1;

/// With the source that is called, and how far its triggers have come, if it has some.
void write_function(json_writer& out, const function::state& shown, const std::optional<trigger_view>& trigger);
void write_function(json_writer& out, const sandbox::built_in& shown);

/// For lists, without the source.
void write_summary(json_writer& out, const function::summary& shown);
void write_summary(json_writer& out, const sandbox::built_in& shown);

/// `is_current`: it is the one that is called.
void write_version(json_writer& out, const function::source_version& shown, bool is_current);
void write_version(json_writer& out, const sandbox::built_in& shown);

} // namespace waybill::http
