#include "shell/syntax/reference.hpp"
#include "shell/syntax/words.hpp"

#include "domain/base/errors.hpp"

#define CAF_SUITE shell.order_syntax
#include "tests/shell/support/parsed.hpp"

using namespace waybill;
using namespace waybill::shell;
using waybill::test::parsed;
using namespace std::chrono_literals;

namespace {

const std::string id = "ord_00000000000000000001";

std::string refusal(std::string_view line) {
  const auto outcome = parse_line(line);
  return outcome.has_error() && outcome.error().code == ec::invalid_argument ? outcome.error().detail : "taken";
}

} // namespace

SCENARIO("an order is shown in its present or a past state, or as a timeline") {
  CHECK(!parsed<order_command>("order ord_1").timeline);
  CHECK(parsed<order_command>("order ord_1 --timeline").timeline);
  CHECK(parsed<order_command>("order ord_1 --at 3").version == 3u);
  const auto then = parsed<order_command>("order --at=2026-11-30T04:00:00Z ord_1");
  CHECK(then.at == parse_rfc3339("2026-11-30T04:00:00Z"));
  CHECK_EQ(then.id, "ord_1");
  CHECK_EQ(parsed<why_command>("why ord_1").id, "ord_1");
  CHECK_EQ(parsed<export_command>("export ord_1").id, "ord_1");
  CHECK_EQ(parsed<trace_command>("trace ord_1").most, 100u);
  const auto trace = parsed<trace_command>("trace --max 5 ord_1");
  CHECK_EQ(trace.id, "ord_1");
  CHECK_EQ(trace.most, 5u);
  CHECK(!trace.events_only);
  CHECK(parsed<trace_command>("trace ord_1 --events").events_only);
  CHECK(refusal("trace ord_1 --max 0").starts_with("--max must be a number"));
  const auto diff = parsed<diff_command>("diff ord_1 3 7");
  CHECK_EQ(diff.from, 3u);
  CHECK_EQ(diff.to, 7u);
  CHECK_EQ(parsed<replay_command>("replay a.json 'b c.json'").files, (std::vector<std::string>{"a.json", "b c.json"}));
  for (const auto* line : {"order ord_1 --at", "order ord_1 --at 0", "order ord_1 --at noon", "order --timeline",
                           "order ord_1 --timeline --at 3", "order ord_1 --line", "why", "why a b", "export",
                           "diff ord_1 3", "diff ord_1 0 1", "diff ord_1 a b", "replay"})
    CHECK_NE(refusal(line), "taken");
}

SCENARIO("stuck orders are filtered by what they wait for and for how long") {
  const auto usual = parsed<stuck_command>("stuck");
  CHECK(usual.where.older_than == 5min);
  CHECK_EQ(usual.where.query.statuses.size(), 5u);
  CHECK(usual.where.query.oldest_first);
  const auto payments = parsed<stuck_command>("stuck --waits-for payment --older-than 90s --limit 7");
  CHECK(payments.where.older_than == 90s);
  CHECK(payments.where.query.search.reason == order::waiting::payment);
  CHECK_EQ(payments.where.query.statuses, std::vector<std::string>{"placed"});
  CHECK_EQ(payments.limit, 7u);
  for (const auto* line : {"stuck --waits-for godot", "stuck --waits-for refund", "stuck --older-than soon",
                           "stuck --limit 0", "stuck --limit 1001", "stuck now"})
    CHECK_NE(refusal(line), "taken");
}

SCENARIO("an action names or selects its orders, with a reason") {
  const auto cancel = parsed<bulk_command>("cancel " + id + " --reason 'too slow' --yes");
  CHECK(cancel.action == bulk::action::cancel);
  CHECK_EQ(cancel.ids, std::vector<std::string>{id});
  CHECK_EQ(cancel.reason, "too slow");
  CHECK(cancel.yes);
  CHECK(!cancel.where);
  const auto retry = parsed<bulk_command>(
    "retry --where waits_for=operator --where older_than=1h --where status=needs_attention --reason back --dry-run");
  CHECK(retry.action == bulk::action::retry);
  CHECK(retry.dry_run);
  CHECK(retry.where.value().older_than == 1h);
  CHECK(retry.where->query.search.reason == order::waiting::attention);
  const auto hold = parsed<bulk_command>("hold --where status=placed --where=status=confirmed --reason odd");
  CHECK_EQ(hold.where.value().query.statuses, (std::vector<std::string>{"placed", "confirmed"}));
  const auto release = parsed<bulk_command>("release --where product_id=prd_1 --reason fine");
  CHECK_EQ(release.where.value().query.search.product, "prd_1");
  // Ended orders are not selected by mistake.
  CHECK_EQ(release.where->query.statuses.size(), 5u);
  const auto resolve = parsed<bulk_command>("resolve --where customer_id=cus_1 --outcome completed --reason cash");
  CHECK(resolve.outcome == order::status::completed);
}

SCENARIO("an action that is ambiguous or has no reason is refused") {
  CHECK_EQ(refusal("cancel " + id), "it is done with a reason: --reason \"...\"");
  CHECK_EQ(refusal("cancel --reason x"), "name orders, or select them by --where");
  CHECK_EQ(refusal("cancel " + id + " --where status=placed --reason x"), "name orders, or select them by --where");
  CHECK_EQ(refusal("cancel ord_1 --reason x"), "'ord_1' is not the id of an order");
  CHECK_EQ(refusal("cancel --dryrun --reason x"), "'--dryrun' is not the id of an order; did you mean --dry-run?");
  for (const auto* line :
       {"hold --where status --reason x", "hold --where status=lost --reason x", "hold --where size=1 --reason x",
        "hold --where older_than=x --reason x", "hold --where created_after=x --reason x",
        "hold --where waits_for=refund --reason x", "hold --where status=placed --outcome completed --reason x",
        "resolve --where status=placed --reason x", "resolve --where status=placed --outcome lost --reason x"})
    CHECK_NE(refusal(line), "taken");
}

SCENARIO("failed messages are listed, and sent again one by one or all together") {
  CHECK(!parsed<dead_letters_command>("dead-letters").retry);
  const auto some = parsed<dead_letters_command>("dead-letters --retry msg_1 msg_2 --yes");
  CHECK_EQ(some.messages, (std::vector<std::string>{"msg_1", "msg_2"}));
  CHECK(parsed<dead_letters_command>("dead-letters --retry --all").all);
  for (const auto* line : {"dead-letters msg_1", "dead-letters --all", "dead-letters --retry",
                           "dead-letters --retry --all msg_1", "dead-letters --resend"})
    CHECK_NE(refusal(line), "taken");
}

SCENARIO("a command is watched with its own options, except for commands that never end") {
  const auto watch = parsed<watch_command>("watch --every 5s --times=3 stuck --older-than 1m");
  CHECK(watch.every == 5s);
  CHECK_EQ(watch.times, 3u);
  CHECK(parsed<stuck_command>(watch.line).where.older_than == 1min);
  CHECK_EQ(parsed<watch_command>("watch nodes").times, 0u);
  for (const auto* line :
       {"watch", "watch --every 2s", "watch --every 0s nodes", "watch --often nodes", "watch --times 0 nodes",
        "watch events tail", "watch top", "watch watch nodes", "watch bogus"})
    CHECK_NE(refusal(line), "taken");
}

SCENARIO("durations have a unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("2d") == 48h);
  for (const auto* text : {"", "5", "m", "-5m", "5 m", "99999999999999999999s", "36526d"})
    CHECK(!parse_duration(text));
}

SCENARIO("every command has its help, its line in the manual and its completion") {
  const auto names = command_names();
  for (const auto& command : all_commands()) {
    CHECK(std::ranges::find(names, command.name) != names.end());
    CHECK(!command.summary.empty());
    CHECK(!command.example.empty());
    const std::string name{command.name};
    CHECK(help_of(command.name).starts_with(name));
    CHECK_EQ(parsed<help_command>(name + " --help").of, name);
    CHECK(help_text().find("\n" + name + " ") != std::string::npos || help_text().starts_with(name));
    for (const auto* shell : {"bash", "zsh"})
      CHECK(completion_script(shell).find("    " + name + ") ") != std::string::npos);
    // The example is understood; ids in it are not whole.
    if (command.example.find("...") == std::string_view::npos && command.example.find('>') == std::string_view::npos)
      CHECK(parse_line(command.example).has_value());
  }
  for (const auto& name : names)
    if (name != "quit")
      CHECK(!help_of(name).empty());
  CHECK(man_page().find("\n.B stuck ") != std::string::npos);
  CHECK(help_of("bogus").empty());
  CHECK_EQ(refusal("help bogus").substr(0, 27), "there is no command 'bogus'");
}
