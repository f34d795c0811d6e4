#include "shell/command.hpp"

#include "domain/base/errors.hpp"

#define CAF_SUITE shell.command
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;

namespace {

template <class T>
T parsed(std::string_view line) {
  auto outcome = parse_command(line);
  if (outcome.has_error())
    CAF_FAIL(line << ": " << outcome.error().detail);
  if (!std::holds_alternative<T>(*outcome))
    CAF_FAIL(line << ": parsed as another command");
  return std::get<T>(*outcome);
}

bool refused(std::string_view line) {
  const auto outcome = parse_command(line);
  return outcome.has_error() && outcome.error().code == ec::invalid_argument && !outcome.error().detail.empty();
}

} // namespace

SCENARIO("every command is understood") {
  parsed<nodes_command>("nodes");
  parsed<help_command>("  help ");
  parsed<exit_command>("exit");
  parsed<exit_command>("quit");
  CHECK_EQ(parsed<order_command>("order ord_1").id, "ord_1");
  CHECK_EQ(parsed<scenario_command>("scenario run 3").scenario, "3");
  CHECK_EQ(parsed<scenario_command>("scenario run all").scenario, "all");
  const auto inspect = parsed<inspect_command>("inspect product/prd_1");
  CHECK_EQ(inspect.type, "product");
  CHECK_EQ(inspect.id, "prd_1");
  CHECK_EQ(parsed<inspect_command>("inspect user/usr_1").type, "user");
  CHECK_EQ(parsed<actors_command>("actors --type user").type, "user");
}

SCENARIO("an operator's words on an order are understood, with blanks in quotes") {
  CHECK_EQ(parsed<retry_command>("retry ord_1").id, "ord_1");
  CHECK_EQ(parsed<retry_command>("retry ord_1").reason, "");
  CHECK_EQ(parsed<retry_command>("retry --reason 'the bank is back' ord_1").reason, "the bank is back");
  const auto resolve = parsed<resolve_command>("resolve ord_1 --outcome completed --reason \"paid in 'cash'\"");
  CHECK_EQ(resolve.id, "ord_1");
  CHECK(resolve.outcome == order::status::completed);
  CHECK_EQ(resolve.reason, "paid in 'cash'");
  CHECK(parsed<resolve_command>("resolve ord_1 --outcome=cancelled --reason=gone").outcome == order::status::cancelled);
  CHECK(!parsed<audit_command>("audit").everything);
  CHECK(parsed<audit_command>("audit --all").everything);
}

SCENARIO("a node is drained by its name, the last one of a role by force only") {
  CHECK_EQ(parsed<drain_command>("drain order-2").node, "order-2");
  CHECK(!parsed<drain_command>("drain order-2").force);
  for (const auto* line : {"drain order-2 --force", "drain --force order-2"}) {
    CHECK_EQ(parsed<drain_command>(line).node, "order-2");
    CHECK(parsed<drain_command>(line).force);
  }
  for (const auto* line : {"drain", "drain --force", "drain a b", "drain a --now"})
    CHECK(refused(line));
  CHECK_EQ(completions("dr"), std::vector<std::string>{"drain"});
  CHECK_EQ(completions("drain order-2 "), std::vector<std::string>{"--force"});
}

SCENARIO("options stand behind a command in any order, with a blank or an equals sign") {
  CHECK(!parsed<actors_command>("actors").by_mailbox);
  for (const auto* line : {"actors --type order --sort mailbox", "actors --sort=mailbox --type=order"}) {
    const auto actors = parsed<actors_command>(line);
    CHECK_EQ(actors.type, "order");
    CHECK(actors.by_mailbox);
  }
  const log_position position{7, 9};
  const auto tail = parsed<tail_command>("events tail --after " + to_string(position) + " --type order.*");
  CHECK_EQ(tail.type, "order.*");
  CHECK(tail.after == position);
  CHECK(!parsed<tail_command>("events tail").after);
}

SCENARIO("what is not understood is refused with a sentence") {
  for (const auto* line : {"",
                           "  ",
                           "bogus",
                           "nodes now",
                           "actors --type",
                           "actors --type cook",
                           "actors --sort size",
                           "inspect",
                           "inspect order",
                           "inspect order/",
                           "inspect cook/1",
                           "order",
                           "order a b",
                           "events",
                           "events head",
                           "events tail --after x",
                           "scenario",
                           "scenario run",
                           "scenario run x",
                           "scenario run -1",
                           "retry",
                           "retry a b",
                           "resolve ord_1",
                           "resolve ord_1 --outcome completed",
                           "resolve ord_1 --outcome rejected --reason x",
                           "resolve ord_1 --outcome completed --reason ''",
                           "resolve --outcome completed --reason x",
                           "audit everything",
                           "audit --all twice",
                           "exit now"})
    CHECK(refused(line));
}

SCENARIO("the tabulator completes commands, types and options") {
  CHECK(completions("no") == std::vector<std::string>{"nodes"});
  CHECK_EQ(completions("").size(), 13u);
  CHECK((completions("resolve ord_1 --") == std::vector<std::string>{"--outcome", "--reason"}));
  CHECK(completions("resolve ord_1 --outcome ca") == std::vector<std::string>{"cancelled"});
  CHECK(completions("audit ") == std::vector<std::string>{"--all"});
  CHECK((completions("inspect p") == std::vector<std::string>{"product/", "payment/"}));
  CHECK(completions("events ") == std::vector<std::string>{"tail"});
  CHECK((completions("actors --") == std::vector<std::string>{"--sort", "--type"}));
  CHECK(completions("actors --type o") == std::vector<std::string>{"order"});
  CHECK(completions("inspect u") == std::vector<std::string>{"user/"});
  CHECK(completions("scenario r") == std::vector<std::string>{"run"});
  CHECK(completions("bogus ").empty());
}

SCENARIO("the shell's own options have defaults") {
  const auto options = parse_options({});
  REQUIRE(options.has_value());
  CHECK_EQ(options->host, "127.0.0.1");
  CHECK_EQ(options->port, 4100);
  CHECK(!options->command);
  CHECK(options->format == output_format::table);
}

SCENARIO("the shell's own options are read") {
  const auto options = parse_options({"--connect=db.example:99", "-c", "order ord_1", "-o", "json"});
  REQUIRE(options.has_value());
  CHECK_EQ(options->host, "db.example");
  CHECK_EQ(options->port, 99);
  CHECK_EQ(options->command.value(), "order ord_1");
  CHECK(options->format == output_format::json);
}

SCENARIO("options that the shell does not know are refused") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"-x"},
                                                                 {"-c"},
                                                                 {"-o", "xml"},
                                                                 {"--connect=host"},
                                                                 {"--connect="},
                                                                 {"--connect=:1"},
                                                                 {"--connect=h:0"},
                                                                 {"--connect=h:99999"},
                                                                 {"--connect=h:1x"},
                                                                 {"nodes"}})
    CHECK(parse_options(words).has_error());
}
