#pragma once

#include "shell/syntax/words.hpp"

/// The commands that are about orders; each parses the words behind its name. Fail with ec::invalid_argument.
namespace waybill::shell {

result<command> parse_order(words rest);
result<command> parse_why(const words& rest);
result<command> parse_trace(words rest);
result<command> parse_diff(const words& rest);
result<command> parse_export(const words& rest);
result<command> parse_replay(const words& rest);
result<command> parse_stuck(words rest);
result<command> parse_retry(words rest);
result<command> parse_resolve(words rest);
/// `<order>...` or `--where name=value...`, and what all bulk actions take.
result<command> parse_bulk(bulk::action action, words rest);
result<command> parse_dead_letters(words rest);

} // namespace waybill::shell
