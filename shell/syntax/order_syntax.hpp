#pragma once

#include "shell/syntax/words.hpp"

/// The commands that are about orders; each parses the words behind its name. Fail with ec::invalid_argument.
namespace waybill::shell {

/// What `--waits-for` and `waits_for=` take. A refund is waited for by orders that are over, which nobody looks for so.
words awaited_words();

result<shell_command> parse_order(words rest);
result<shell_command> parse_why(const words& rest);
result<shell_command> parse_trace(words rest);
result<shell_command> parse_diff(const words& rest);
result<shell_command> parse_export(const words& rest);
result<shell_command> parse_replay(const words& rest);
result<shell_command> parse_stuck(words rest);
result<shell_command> parse_retry(words rest);
result<shell_command> parse_resolve(words rest);
/// `<order>...` or `--where name=value...`, and what all bulk actions take.
result<shell_command> parse_bulk(bulk::action action, words rest);
result<shell_command> parse_dead_letters(words rest);

} // namespace waybill::shell
