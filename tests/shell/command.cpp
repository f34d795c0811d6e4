#include "shell/syntax/command.hpp"

#include "shell/syntax/reference.hpp"

#include "domain/base/errors.hpp"
#include "domain/order_view/waiting.hpp"

#define CAF_SUITE shell.command
#include "tests/shell/support/parsed.hpp"

using namespace waybill;
using namespace waybill::shell;
using waybill::test::parsed;

namespace {

bool refused(std::string_view line) {
  const auto outcome = parse_line(line);
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

SCENARIO("an operator's reason for an order is understood, with blanks in quotes") {
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

SCENARIO("options follow a command in any order, with a blank or an equals sign") {
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

SCENARIO("an unknown command is refused with an explanation") {
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

SCENARIO("the tab key completes commands, types and options") {
  CHECK(completions("no") == std::vector<std::string>{"nodes"});
  CHECK_EQ(completions("").size(), all_commands().size() + 1);
  CHECK((completions("resolve ord_1 --")
         == std::vector<std::string>{"--dry-run", "--outcome", "--reason", "--where", "--yes"}));
  CHECK(completions("resolve ord_1 --outcome ca") == std::vector<std::string>{"cancelled"});
  CHECK(completions("audit ") == std::vector<std::string>{"--all"});
  CHECK((completions("inspect p") == std::vector<std::string>{"product/", "payment/"}));
  CHECK(completions("events ") == std::vector<std::string>{"tail"});
  CHECK((completions("actors --") == std::vector<std::string>{"--node", "--sort", "--type"}));
  CHECK(completions("actors --type o") == std::vector<std::string>{"order"});
  CHECK(completions("inspect u") == std::vector<std::string>{"user/"});
  CHECK((completions("stuck --waits-for p") == std::vector<std::string>{"payer", "payment"}));
  // Whatever is offered is taken, and it is all that is taken.
  CHECK_EQ(completions("stuck --waits-for ").size(), order::waiting_words().size() - 1);
  for (const auto& reason : completions("stuck --waits-for ")) {
    CHECK(parse_line("stuck --waits-for " + reason).has_value());
    CHECK(help_of("stuck").find(reason) != std::string::npos);
  }
  CHECK((completions("watch stu") == std::vector<std::string>{"stuck"}));
  CHECK((completions("watch stuck --o") == std::vector<std::string>{"--older-than"}));
  CHECK((completions("help dea") == std::vector<std::string>{"dead-letters"}));
  CHECK(completions("scenario r") == std::vector<std::string>{"run"});
  CHECK(completions("bogus ").empty());
}

SCENARIO("the tab key completes ids and names of nodes, and queries them only where they are possible") {
  int asked = 0;
  const known_names known{
    [&] {
      ++asked;
      return std::vector<std::string>{"order-1", "order-2", "gateway"};
    },
    [&](std::string_view type) {
      ++asked;
      return type == "order" ? std::vector<std::string>{"ord_1", "ord_2"} : std::vector<std::string>{"prd_1"};
    }};
  CHECK((completions("drain or", known) == std::vector<std::string>{"order-1", "order-2"}));
  CHECK((completions("actors --node g", known) == std::vector<std::string>{"gateway"}));
  CHECK_EQ(asked, 2);
  for (const auto* command : {"order ", "retry ", "resolve "})
    CHECK((completions(command, known) == std::vector<std::string>{"ord_1", "ord_2"}));
  CHECK((completions("inspect product/", known) == std::vector<std::string>{"product/prd_1"}));
  CHECK((completions("inspect order/ord_2", known) == std::vector<std::string>{"order/ord_2"}));
  asked = 0;
  completions("no", known);
  completions("inspect p", known);
  completions("audit ", known);
  completions("scenario run ", known);
  CHECK_EQ(asked, 0);
}

SCENARIO("a line at the prompt may choose the output format") {
  const auto line = parse_line("nodes -o json");
  REQUIRE(line.has_value());
  CHECK(std::holds_alternative<nodes_command>(line->command));
  CHECK(line->format == output_format::json);
  CHECK(!parse_line("nodes")->format);
  CHECK(parse_line("-o table order ord_1")->format == output_format::table);
  CHECK(parse_line("nodes -o").has_error());
  CHECK(parse_line("nodes -o xml").has_error());
}

SCENARIO("events are followed from the earliest one, too") {
  CHECK(parsed<tail_command>("events tail --after earliest").from_earliest);
  CHECK(!parsed<tail_command>("events tail").from_earliest);
}

SCENARIO("a command with a typing error is answered with the command that was probably meant") {
  CHECK(parse_line("ndoes").error().detail.find("did you mean nodes?") != std::string::npos);
  const std::vector<std::pair<std::string, std::string>> slips{{"stuck --waits-fro payer", "--waits-for"},
                                                               {"stuck --waits-for payr", "payer"},
                                                               {"audit --al", "--all"},
                                                               {"retry --reson=x ord_1", "--reason"},
                                                               {"drain a --forc", "--force"},
                                                               {"order ord_1 --timelin", "--timeline"},
                                                               {"watch stuck --limti 3", "--limit"},
                                                               {"events tial", "tail"},
                                                               {"scenario rn 1", "run"},
                                                               {"completion bsh", "bash"},
                                                               {"actors --tpe order", "--type"}};
  for (const auto& [line, meant] : slips) {
    const auto told = parse_line(line);
    REQUIRE(told.has_error());
    if (told.error().detail.find("did you mean " + meant + "?") == std::string::npos)
      CAF_ERROR(line << ": " << told.error().detail);
  }
}

SCENARIO("the command may follow the shell's own options directly, instead of after -c") {
  const auto options = parse_options({"--connect=a:1", "retry", "ord_1", "--reason", "the bank's back"});
  REQUIRE(options.has_value());
  const auto retry = parsed<retry_command>(options->command.value());
  CHECK_EQ(retry.id, "ord_1");
  CHECK_EQ(retry.reason, "the bank's back");
}

SCENARIO("the shell's own options have defaults") {
  const auto options = parse_options({});
  REQUIRE(options.has_value());
  CHECK_EQ(options->host, "127.0.0.1");
  CHECK_EQ(options->port, 4100);
  CHECK(!options->command);
  CHECK(options->format == output_format::table);
}

SCENARIO("help describes the shell, or the command before it") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--help"}, {"-h"}, {"--connect=a:1", "--help"}})
    CHECK(parse_options(words).value().help);
  const auto stuck = parse_options({"stuck", "--help"}).value();
  CHECK(!stuck.help);
  CHECK_EQ(parsed<help_command>(stuck.command.value()).of, "stuck");
}

SCENARIO("the shell's own options are read") {
  const auto options = parse_options({"--connect=db.example:99", "-c", "order ord_1", "-o", "json"});
  REQUIRE(options.has_value());
  CHECK_EQ(options->host, "db.example");
  CHECK_EQ(options->port, 99);
  CHECK_EQ(options->command.value(), "order ord_1");
  CHECK(options->format == output_format::json);
}

SCENARIO("E3: a port without an address is explained") {
  const auto refused = parse_options({"--connect=:4100"});
  REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().detail,
           "--connect must be an address and a port: 127.0.0.1:4100 for this machine, or another "
           "one's name instead");
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
                                                                 {"-c", "nodes", "nodes"}})
    CHECK(parse_options(words).has_error());
}
