#include "shell/views/order_views.hpp"

#include "tests/domain/support/whole_story.hpp"

#include <boost/json/parse.hpp>

#define CAF_SUITE shell.order_views
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;
using namespace waybill::testing;
using namespace std::chrono_literals;

namespace {

diagnosis::timeline some_timeline() {
  auto story = dispatched_story();
  story.wait(30ms);
  return diagnosis::timeline_of(story.record, story.order.now).value();
}

} // namespace

SCENARIO("a timeline is a table of steps with bars, then of attempts") {
  const auto text = render(some_timeline(), output_format::table);
  CHECK(text.starts_with("STEP      AT MS   MS      INSIDE  OUTSIDE  WAITING  WHERE"));
  CHECK(text.find("\npayment   10.000  30.000  20.000  10.000   0.000    ") != std::string::npos);
  CHECK(text.find("\nall       0.000   90.000") != std::string::npos);
  CHECK(text.find("authorize") != std::string::npos);
  CHECK(text.find("pay_1/authorize") != std::string::npos);
  const auto json = render(some_timeline(), output_format::json);
  CHECK_EQ(boost::json::parse(json).at("steps").as_array().size(), 4u);
  CHECK(json.find(R"("ms":90.000)") != std::string::npos);
  CHECK(render(some_timeline(), output_format::csv).starts_with("step,at_ms,ms,inside,outside,waiting,where\nstock,"));
}

SCENARIO("the reason why an order waits is shown in words and as JSON") {
  auto story = dispatched_story();
  story.wait(90s);
  const auto why = diagnosis::explain({}, story.record, story.order.now).value();
  const auto text = render_why(story.order.state, why, story.order.now, output_format::table);
  CHECK(text.find("It waits for a courier to bring it.") != std::string::npos);
  CHECK(text.find("(1 min 30 s ago)") != std::string::npos);
  CHECK(text.find("you can") != std::string::npos);
  const auto json = boost::json::parse(render_why(story.order.state, why, story.order.now, output_format::json));
  CHECK_EQ(json.at("waits_for").as_string(), "courier");
  CHECK_EQ(json.at("led_by").at("type").as_string(), "order.fulfillment_started");
  CHECK(json.at("last_error").is_null());
}

SCENARIO("an order of the past is shown without its secrets") {
  const auto story = dispatched_story();
  for (const auto format : {output_format::table, output_format::json}) {
    const auto text = render_past(story.order.state, story.order.now, format);
    CHECK(text.find("tok_ok") == std::string::npos);
    CHECK(text.find("fulfilling") != std::string::npos);
  }
}

SCENARIO("two versions are compared value by value") {
  const compared_versions compared{"ord_1", 1, 2, {{"/status", "\"placed\"", "\"confirmed\""}}, {"order.confirmed"}};
  CHECK_EQ(render(compared, output_format::table),
           "WHAT     VERSION 1  VERSION 2\n/status  \"placed\"   \"confirmed\"\n\nby: order.confirmed\n");
  CHECK_EQ(render(compared, output_format::csv),
           "pointer,before,after\n/status,\"\"\"placed\"\"\",\"\"\"confirmed\"\"\"\n");
  CHECK_EQ(boost::json::parse(render(compared, output_format::json)).at("changes").at(0).at("after").as_string(),
           "confirmed");
}

SCENARIO(
  "E4, D1: versions are compared by the names of HTTP; a table has amounts with their decimals, JSON minor units") {
  auto before = dispatched_story().order.state;
  before.refunded = {0, "EUR"};
  auto after = before;
  after.refunded = {499, "EUR"};
  after.total.amount += 100;
  after.payment_status = order::payment_status::partially_refunded;
  after.lines.front().product = product_id{"prd_other"};
  after.step_by = now();
  after.courier = courier_id{"cur_1"};
  const auto find = [&](output_format format, std::string_view pointer) {
    for (const auto& change : changes_between(before, after, format).value())
      if (change.pointer == pointer)
        return change.after;
    return std::string{"no change"};
  };
  for (const auto format : {output_format::table, output_format::json, output_format::csv}) {
    CHECK_EQ(find(format, "/payment_status"), "\"partially_refunded\"");
    CHECK_EQ(find(format, "/lines/0/product_id"), "\"prd_other\"");
    for (const auto* inner : {"/lines/0/product", "/step_by", "/courier"})
      CHECK_EQ(find(format, inner), "no change");
  }
  CHECK_EQ(find(output_format::table, "/refunded"), "\"4.99 EUR\"");
  CHECK_EQ(find(output_format::json, "/refunded"), R"({"amount":499,"currency":"EUR"})");
  CHECK_EQ(find(output_format::json, "/total/amount"), std::to_string(after.total.amount));
  CHECK_EQ(find(output_format::table, "/total/amount"), "no change");
}

SCENARIO("a replay reports in one line that nothing differs, or the differences") {
  std::vector<replayed_file> files{{"a.json", "ord_1", "0.1.0", {}}};
  CHECK_EQ(render(files, output_format::table), "1 orders: the same with this program\n");
  files[0].deviations.push_back({"ord_1", "/status", "\"placed\"", "\"confirmed\""});
  CHECK(render(files, output_format::table).find("a.json  ord_1   /status") != std::string::npos);
  const auto json = boost::json::parse(render(files, output_format::json));
  CHECK(!json.at("files").at(0).at("same").as_bool());
  CHECK_EQ(json.at("deviations").at(0).at("pointer").as_string(), "/status");
}

SCENARIO("stuck orders are listed with the time since their last change") {
  const auto story = dispatched_story();
  const std::vector<order::state> orders{story.order.state};
  const auto text = render_stuck(orders, story.order.state.updated_at + 65s, true, {}, output_format::table);
  CHECK(text.find("ord_1  fulfilling  courier    1 min 5 s") != std::string::npos);
  CHECK(text.find("there are more") != std::string::npos);
  CHECK_EQ(render_stuck({}, now(), false, {}, output_format::table), "no order is stuck\n");
  CHECK_EQ(render_troubles({}), "");
  CHECK_EQ(render_troubles({"no node has the role payment", "the database is slow"}),
           "\nin the cluster:\n  no node has the role payment\n  the database is slow\n");
  const auto json =
    boost::json::parse(render_stuck({}, now(), false, {"no node has the role payment"}, output_format::json));
  CHECK_EQ(json.at("troubles").at(0).as_string(), "no node has the role payment");
}

SCENARIO("a bulk action is shown with the result of each order and the totals") {
  bulk::state action;
  action.id = bulk_action_id{"blk_1"};
  action.dry_run = true;
  action.items = {{order_id{"ord_1"}, bulk::item_status::done, 3},
                  {order_id{"ord_2"}, bulk::item_status::refused, 4, "illegal_transition", "it is completed"}};
  const auto text = render(action, output_format::table);
  CHECK(text.find("ord_2  refused  illegal_transition  it is completed") != std::string::npos);
  CHECK(text.find("1 would be done, 1 refused, 0 left as they were (blk_1)") != std::string::npos);
  CHECK_EQ(boost::json::parse(render(action, output_format::json)).at("refused").as_int64(), 1);
}
