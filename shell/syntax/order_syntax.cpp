#include "shell/syntax/order_syntax.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/number.hpp"
#include "domain/base/suggestion.hpp"
#include "domain/order_view/waiting.hpp"

#include <boost/describe/enumerators.hpp>

#include <algorithm>
#include <array>

namespace waybill::shell {

namespace {

// -- one order --------------------------------------------------------------------------------------------------------

result<std::string> one_id(const words& rest, std::string_view usage) {
  if (rest.size() != 1 || rest[0].starts_with("--"))
    return invalid("usage: " + std::string{usage});
  return rest[0];
}

/// `7`, or a time.
result<void> read_moment(const std::string& text, order_command& to) {
  if (const auto version = parse_number<std::uint64_t>(text); version && *version > 0)
    to.version = version;
  else if (const auto at = parse_rfc3339(text))
    to.at = at;
  else
    return invalid("--at must be a version or a time, such as 2026-11-30T04:00:00Z");
  return {};
}

// -- which orders -----------------------------------------------------------------------------------------------------

/// The statuses in which something is left to be done.
std::vector<std::string> open_statuses() {
  return {"placed", "confirmed", "fulfilling", "cancelling", "needs_attention"};
}

bool is_status(std::string_view word) {
  bool known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::status>>(
    [&](auto status) { known = known || (status.value != order::status::none && word == status.name); });
  return known;
}

/// What an order waits for follows from its state; the statuses in which it can wait so have an index.
result<void> select_reason(const std::string& word, list_orders& to) {
  const auto reason = order::to_waiting(word);
  if (!reason || *reason == order::waiting::refund)
    return invalid("'" + word + "' is nothing that orders wait for: " + listed(awaited_words())
                   + did_you_mean(word, awaited_words()));
  to.search.reason = *reason;
  if (to.statuses.empty())
    for (const auto status : order::statuses_of(*reason))
      to.statuses.emplace_back(name_of(status));
  return {};
}

result<void> select_time(const std::string& name, const std::string& value, std::optional<timestamp>& to) {
  to = parse_rfc3339(value);
  if (!to)
    return invalid(name + " must be a time, such as 2026-11-30T04:00:00Z");
  return {};
}

result<void> select(const std::string& name, const std::string& value, order_selection& to) {
  if (name == "status") {
    if (!is_status(value))
      return invalid("'" + value + "' is not a status of an order");
    to.query.statuses.push_back(value);
  } else if (name == "waits_for") {
    return select_reason(value, to.query);
  } else if (name == "customer_id") {
    to.query.customer = value;
  } else if (name == "product_id") {
    to.query.search.product = value;
  } else if (name == "created_after") {
    return select_time(name, value, to.query.created_after);
  } else if (name == "created_before") {
    return select_time(name, value, to.query.created_before);
  } else if (name == "older_than") {
    const auto age = parse_duration(value);
    if (!age)
      return invalid("older_than must be a time, such as 10m");
    to.older_than = *age;
  } else {
    return invalid("orders are selected by status, waits_for, customer_id, product_id, created_after, created_before "
                   "or older_than, not by '"
                   + name + "'");
  }
  return {};
}

/// `--where name=value`, any number of times; all must hold, of several statuses one.
result<std::optional<order_selection>> take_selection(words& rest) {
  order_selection selection;
  bool any = false;
  for (;;) {
    auto term = take_option(rest, "--where");
    if (term.has_error())
      return term.error();
    if (!*term)
      break;
    any = true;
    const auto equals = (*term)->find('=');
    if (equals == std::string::npos)
      return invalid("--where needs name=value");
    if (auto taken = select((*term)->substr(0, equals), (*term)->substr(equals + 1), selection); taken.has_error())
      return taken.error();
  }
  if (!any)
    return std::optional<order_selection>{};
  // Orders that are over cannot be acted on: nobody selects a million of them by mistake.
  if (selection.query.statuses.empty())
    selection.query.statuses = open_statuses();
  selection.query.oldest_first = true;
  return std::optional{std::move(selection)};
}

constexpr std::array outcomes{order::status::completed, order::status::cancelled};

result<void> read_outcome(const std::optional<std::string>& word, order::status& to) {
  const auto* const known = std::ranges::find_if(outcomes, [&](auto status) { return word == name_of(status); });
  if (known == outcomes.end())
    return invalid("--outcome must be completed or cancelled");
  to = *known;
  return {};
}

} // namespace

words awaited_words() {
  words all;
  for (const auto word : order::waiting_words())
    if (word != order::word_for(order::waiting::refund))
      all.emplace_back(word);
  return all;
}

result<shell_command> parse_order(words rest) {
  order_command parsed;
  parsed.timeline = take_flag(rest, "--timeline");
  auto at = take_option(rest, "--at");
  if (at.has_error())
    return at.error();
  if (*at) {
    if (parsed.timeline)
      return invalid("either --timeline or --at");
    if (auto read = read_moment(**at, parsed); read.has_error())
      return read.error();
  }
  auto id = one_id(rest, "order <id> [--timeline | --at <version>|<time>]");
  if (id.has_error())
    return id.error();
  parsed.id = *id;
  return parsed;
}

result<shell_command> parse_why(const words& rest) {
  auto id = one_id(rest, "why <order>");
  if (id.has_error())
    return id.error();
  return why_command{*id};
}

result<shell_command> parse_trace(words rest) {
  constexpr std::uint64_t highest = 100'000;
  auto limit = take_option(rest, "--max");
  if (limit.has_error())
    return limit.error();
  trace_command parsed;
  const auto most = *limit ? parse_number<std::uint64_t>(**limit) : std::optional<std::uint64_t>{parsed.most};
  if (!most || *most == 0 || *most > highest)
    return invalid("--max must be a number from 1 to " + std::to_string(highest));
  parsed.events_only = take_flag(rest, "--events");
  auto id = one_id(rest, "trace <order> [--max N] [--events]");
  if (id.has_error())
    return id.error();
  parsed.id = *id;
  parsed.most = static_cast<std::uint32_t>(*most);
  return parsed;
}

result<shell_command> parse_export(const words& rest) {
  auto id = one_id(rest, "export <order>");
  if (id.has_error())
    return id.error();
  return export_command{*id};
}

result<shell_command> parse_diff(const words& rest) {
  const auto from = rest.size() == 3 ? parse_number<std::uint64_t>(rest[1]) : std::nullopt;
  const auto to = rest.size() == 3 ? parse_number<std::uint64_t>(rest[2]) : std::nullopt;
  if (!from || !to || *from == 0 || *to == 0)
    return invalid("usage: diff <order> <version> <version>");
  return diff_command{rest[0], *from, *to};
}

result<shell_command> parse_replay(const words& rest) {
  if (rest.empty())
    return invalid("usage: replay <file>...");
  return replay_command{rest};
}

result<shell_command> parse_stuck(words rest) {
  constexpr auto usual_age = std::chrono::minutes{5};
  stuck_command parsed;
  auto reason = take_option(rest, "--waits-for");
  if (reason.has_error())
    return reason.error();
  if (*reason)
    if (auto taken = select_reason(**reason, parsed.where.query); taken.has_error())
      return taken.error();
  auto age = take_option(rest, "--older-than");
  if (age.has_error())
    return age.error();
  const auto older_than = *age ? parse_duration(**age) : std::optional<milliseconds>{usual_age};
  if (!older_than)
    return invalid("--older-than must be a time, such as 10m");
  auto limit = take_option(rest, "--limit");
  if (limit.has_error())
    return limit.error();
  const auto most = *limit ? parse_number<std::uint64_t>(**limit) : std::optional<std::uint64_t>{parsed.limit};
  if (!most || *most == 0 || *most > bulk::max_orders)
    return invalid("--limit must be a number from 1 to " + std::to_string(bulk::max_orders));
  parsed.limit = static_cast<std::uint32_t>(*most);
  parsed.where.older_than = *older_than;
  parsed.where.query.oldest_first = true;
  if (parsed.where.query.statuses.empty())
    parsed.where.query.statuses = open_statuses();
  return no_more(rest, parsed);
}

result<shell_command> parse_bulk(bulk::action action, words rest) {
  bulk_command parsed;
  parsed.action = action;
  auto where = take_selection(rest);
  if (where.has_error())
    return where.error();
  parsed.where = std::move(*where);
  auto reason = take_option(rest, "--reason");
  if (reason.has_error())
    return reason.error();
  parsed.reason = reason->value_or("");
  auto outcome = take_option(rest, "--outcome");
  if (outcome.has_error())
    return outcome.error();
  if (outcome->has_value() != (action == bulk::action::resolve))
    return invalid(*outcome ? "--outcome is for resolve only" : "--outcome must be completed or cancelled");
  if (*outcome)
    if (auto read = read_outcome(*outcome, parsed.outcome); read.has_error())
      return read.error();
  parsed.dry_run = take_flag(rest, "--dry-run");
  parsed.yes = take_flag(rest, "--yes");
  for (const auto& word : rest)
    if (!is_id(word, order_id::prefix()))
      return invalid("'" + word + "' is not the id of an order");
  if (rest.empty() != parsed.where.has_value())
    return invalid("name orders, or select them by --where");
  if (parsed.reason.empty())
    return invalid("it is done with a reason: --reason \"...\"");
  parsed.ids = std::move(rest);
  return parsed;
}

result<shell_command> parse_retry(words rest) {
  if (std::ranges::any_of(rest, [](const auto& word) { return word.starts_with("--where"); }))
    return parse_bulk(bulk::action::retry, std::move(rest));
  auto reason = take_option(rest, "--reason");
  if (reason.has_error())
    return reason.error();
  if (rest.size() != 1)
    return invalid("usage: retry <order> [--reason \"...\"], or retry --where name=value... --reason \"...\"");
  return retry_command{rest[0], reason->value_or("")};
}

result<shell_command> parse_resolve(words rest) {
  if (std::ranges::any_of(rest, [](const auto& word) { return word.starts_with("--where"); }))
    return parse_bulk(bulk::action::resolve, std::move(rest));
  auto outcome = take_option(rest, "--outcome");
  if (outcome.has_error())
    return outcome.error();
  auto reason = take_option(rest, "--reason");
  if (reason.has_error())
    return reason.error();
  if (rest.size() != 1 || !*outcome)
    return invalid("usage: resolve <order> --outcome completed|cancelled --reason \"...\"");
  resolve_command parsed{rest[0], {}, reason->value_or("")};
  if (auto read = read_outcome(*outcome, parsed.outcome); read.has_error())
    return read.error();
  if (parsed.reason.empty())
    return invalid("an order is resolved with a reason: --reason \"...\"");
  return parsed;
}

result<shell_command> parse_dead_letters(words rest) {
  dead_letters_command parsed;
  parsed.retry = take_flag(rest, "--retry");
  parsed.all = take_flag(rest, "--all");
  parsed.yes = take_flag(rest, "--yes");
  for (const auto& word : rest)
    if (word.starts_with("--"))
      return invalid("dead-letters has no option " + word);
  parsed.messages = std::move(rest);
  if (!parsed.retry && (parsed.all || parsed.yes || !parsed.messages.empty()))
    return invalid("usage: dead-letters [--retry <message>...|--all [--yes]]");
  if (parsed.retry && parsed.all == !parsed.messages.empty())
    return invalid("name messages to send again, or all of them by --all");
  return parsed;
}

} // namespace waybill::shell
