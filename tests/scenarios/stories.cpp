#include "scenarios/story/story.hpp"

#include "scenarios/scenarios.hpp"

#include <string>

#define CAF_SUITE scenarios.stories
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::scenarios;

namespace {

// A valid story with one piece replaced.
std::string with(const std::string& piece = "", const std::string& by = "") {
  std::string text = R"({"number": 9, "name": "n", "summary": "s",
    "products": [{"as": "p", "name": "P", "price": {"amount": 1, "currency": "EUR"}, "on_hand": 1}],
    "steps": [{"place": {"as": "o", "lines": [{"product": "p", "quantity": 1}], "token": "t", "recipient": "r",
                         "address": "a [couriers: hold, complete]", "key": "k", "times": 2}},
              {"wait": {"order": "o", "until": ["completed"], "within_ms": 10}},
              {"cancel": {"order": "o", "reason": "r"}}],
    "expect": [{"text": "e", "order": "o", "of": "payment", "count": "payment.captured", "is": 1}]})";
  if (!piece.empty())
    text.replace(text.find(piece), piece.size(), by);
  return text;
}

std::string refusal(const std::string& text, std::string_view file = "9-n.json") {
  try {
    parse_story({file, text});
    return "accepted";
  } catch (const invalid_story& e) {
    return e.what();
  }
}

} // namespace

SCENARIO("the stories are compiled in, valid and in order") {
  const auto& all = list_scenarios();
  REQUIRE(all.size() >= 9u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(!all[i].summary.empty());
    CHECK(i == 0 || all[i - 1].number < all[i].number);
  }
}

SCENARIO("each scenario says whether it injects faults and whether it needs several nodes") {
  std::vector<int> chaos;
  std::vector<int> cluster;
  for (const auto& scenario : list_scenarios()) {
    if (scenario.needs_chaos)
      chaos.push_back(scenario.number);
    if (scenario.needs_cluster)
      cluster.push_back(scenario.number);
  }
  CHECK_EQ(chaos, (std::vector<int>{8, 11, 12}));
  CHECK_EQ(cluster, std::vector<int>{12});
}

SCENARIO("the faults of a scenario are read as they are written") {
  const auto broken = [](const std::string& step) { return with("{\"cancel\"", step + ", {\"cancel\""); };
  const auto got = parse_story({"9-n.json", broken(R"({"chaos": {"fault": "kill_owner", "order": "o"}})")});
  CHECK(got.needs_chaos());
  CHECK(!got.needs_cluster());
  CHECK_EQ(std::get<chaos_step>(got.steps[2]).order, "o");
  CHECK(!parse_story({"9-n.json", with()}).needs_chaos());
  const auto rolling = parse_story({"9-n.json", broken(R"({"chaos": {"fault": "rolling_restart", "lasts_ms": 5}})")});
  CHECK(rolling.needs_cluster());
  CHECK_EQ(refusal(broken(R"({"chaos": {"fault": "fire", "order": "o"}})")),
           "9-n.json: /steps/2/chaos/fault: expected kill_owner, database_away or rolling_restart");
  CHECK_EQ(refusal(broken(R"({"chaos": {"fault": "kill_owner", "order": "x"}})")),
           "9-n.json: /steps/2/chaos/order: no order 'x' was placed before");
  CHECK_EQ(refusal(broken(R"({"chaos": {"fault": "database_away"}})")),
           "9-n.json: /steps/2/chaos/lasts_ms: is missing");
  CHECK_EQ(refusal(broken(R"({"crowd": {"as": "c", "buyers": 2, "lines": [{"product": "p", "quantity": 1}],
                            "token": "t", "recipient": "r", "address": "a", "while_chaos": true}})")),
           "9-n.json: /steps/2/crowd/while_chaos: there is no chaos before");
}

SCENARIO("a story is read as it is written") {
  const auto got = parse_story({"9-n.json", with()});
  REQUIRE(got.steps.size() == 3u);
  const auto& place = std::get<place_step>(got.steps[0]);
  CHECK_EQ(place.times, 2u);
  CHECK_EQ(place.accepts, std::vector<unsigned>{201});
  const auto& count = std::get<expect_count>(got.expectations[0].check);
  CHECK(count.of == stream_kind::payment);
  CHECK_EQ(count.at_most.value_or(-1), 1);
}

SCENARIO("an error in a scenario is refused with its place") {
  CHECK_EQ(refusal(with()), "accepted");
  CHECK_EQ(refusal(with("\"summary\"", "\"sumary\"")), "9-n.json: /summary: is missing");
  CHECK_EQ(refusal(with("\"key\": \"k\"", "\"kee\": 1, \"key\": \"k\"")), "9-n.json: /steps/0/place/kee: is not known");
  CHECK_EQ(refusal(with("\"quantity\": 1", "\"quantity\": 0")),
           "9-n.json: /steps/0/place/lines/0/quantity: expected a whole number from 1 to 10000");
  CHECK_EQ(refusal(with("\"product\": \"p\"", "\"product\": \"q\"")),
           "9-n.json: /steps/0/place/lines/0/product: there is no product 'q' in this story");
  CHECK_EQ(refusal(with("hold, complete", "hold, dance")),
           "9-n.json: /steps/0/place/address: no courier knows the word 'dance'");
  CHECK_EQ(refusal(with("[couriers:", "[courier:")),
           "9-n.json: /steps/0/place/address: expected [couriers: word, word]");
  CHECK_EQ(refusal(with("[\"completed\"]", "[\"complete\"]")),
           "9-n.json: /steps/1/wait/until: 'complete' is no status of an order");
  CHECK_EQ(refusal(with("\"cancel\": {\"order\": \"o\"", "\"cancel\": {\"order\": \"x\"")),
           "9-n.json: /steps/2/cancel/order: no order 'x' was placed before");
  CHECK_EQ(refusal(with("payment.captured", "order.placed")),
           "9-n.json: /expect/0/count: 'order.placed' is no event of the payment");
  CHECK_EQ(refusal(with("\"key\": \"k\", ", "")), "9-n.json: /steps/0/place/times: needs a key");
  CHECK_EQ(refusal(with("{\"cancel\"", "{\"dance\"")),
           "9-n.json: /steps/2/dance: expected place, wait, wait_event, cancel, crowd, wait_all, chaos, wait_chaos, "
           "readyz or refuse");
  CHECK_EQ(refusal(with(), "8-n.json"), "8-n.json: the name does not begin with the story's number");
  CHECK(refusal("{").starts_with("9-n.json: not JSON"));
}

SCENARIO("the crowd of a scenario is read with the same strictness") {
  const std::string step = R"({"cancel": {"order": "o", "reason": "r"}})";
  const std::string crowd =
    R"({"crowd": {"as": "c", "buyers": 5, "lines": [{"product": "p", "quantity": 2}], "token": "t",
                              "recipient": "r", "address": "a"}})";
  const auto got = parse_story({"9-n.json", with(step, crowd)});
  const auto& gathered = std::get<crowd_step>(got.steps[2]);
  CHECK_EQ(gathered.buyers, 5u);
  CHECK_EQ(gathered.order.lines.front().quantity, 2);
  CHECK(!gathered.cancel_apart);
  const auto refused = [&](const std::string& expect) {
    auto text = with(step, crowd);
    const std::string_view old = R"("order": "o", "of": "payment", "count": "payment.captured", "is": 1)";
    return refusal(text.replace(text.find(old), old.size(), expect));
  };
  CHECK_EQ(refused(R"("crowd": "c", "status": "completed", "is": 1)"), "accepted");
  CHECK_EQ(refused(R"("crowd": "d", "status": "completed", "is": 1)"),
           "9-n.json: /expect/0/crowd: there is no crowd 'd' before");
  CHECK_EQ(refused(R"("crowd": "c", "status": "sold", "is": 1)"),
           "9-n.json: /expect/0/status: 'sold' is no status of an order");
  CHECK_EQ(refused(R"("crowd": "c", "each_one_of": [{}])"), "9-n.json: /expect/0/each_one_of: expected objects");
  CHECK_EQ(refused(R"("product": "p", "sold_to": "c")"), "accepted");
}

SCENARIO("two stories with one number are refused") {
  const auto text = with();
  CHECK_THROWS_AS(parse_stories({{"9-n.json", text}, {"9-m.json", text}}), invalid_story);
}
