#include "domain/sink/sink.hpp"

#include "tests/domain/acting.hpp"

#define CAF_SUITE domain.sink
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace waybill::sink;

namespace {

create make(const std::string& password = "secret") {
  return {sink_id{"snk_1"}, {"amqp://a", "events", "me"}, {"order.*"}, "ERP", password};
}

change to_url(const std::string& url, std::optional<std::string> password = {}) {
  change wanted;
  wanted.url = url;
  wanted.password = std::move(password);
  return wanted;
}

change to_enabled(bool enabled) {
  change wanted;
  wanted.enabled = enabled;
  return wanted;
}

} // namespace

SCENARIO("a sink is made, changed, disabled, enabled and deleted, and each command can be repeated") {
  state current;
  CHECK_EQ(act(current, change{}), "not_found");
  CHECK_EQ(act(current, sink::remove{}), "not_found");
  CHECK_EQ(act(current, make()), "sink.created ");
  CHECK_EQ(act(current, make()), "");
  CHECK_EQ(act(current, make("another")), "duplicate");
  change wanted;
  wanted.destination = "orders";
  wanted.types = {"*"};
  CHECK_EQ(act(current, wanted), "sink.updated ");
  CHECK_EQ(act(current, wanted), "");
  CHECK_EQ(current.target.destination, "orders");
  CHECK_EQ(current.target.url, "amqp://a");
  CHECK_EQ(act(current, to_enabled(false)), "sink.disabled ");
  CHECK_EQ(act(current, to_enabled(false)), "");
  CHECK_EQ(act(current, report_failing{begin, "x"}), "");
  CHECK_EQ(act(current, to_enabled(true)), "sink.enabled ");
  CHECK_EQ(act(current, sink::remove{}), "sink.deleted ");
  CHECK_EQ(act(current, sink::remove{}), "");
  CHECK_EQ(act(current, change{}), "not_found");
  CHECK_EQ(act(current, make()), "duplicate");
  CHECK_EQ(current.password, "");
}

SCENARIO("the password is in no event and no JSON, and goes to no other server unless it is given again") {
  state current;
  const auto created = decide(current, make());
  CHECK_EQ(encode_event(created->front()).data.find("secret"), std::string::npos);
  CHECK_EQ(act(current, make()), "sink.created ");
  CHECK_EQ(current.password, "secret");
  CHECK_EQ(encode(current).find("secret"), std::string::npos);
  CHECK_EQ(act(current, to_url("amqp://b")), "invalid_argument");
  CHECK_EQ(act(current, to_url("amqp://b", "secret")), "sink.updated ");
  CHECK_EQ(act(current, to_url("amqp://c", "another")), "sink.updated sink.password_changed ");
  CHECK_EQ(current.password, "another");
  CHECK_EQ(act(current, to_url("amqp://c", "")), "sink.password_changed ");
  CHECK_EQ(act(current, to_url("amqp://d")), "sink.updated ");
}

SCENARIO("a sink that is failing says so once, until it has recovered or is disabled") {
  state current;
  CHECK_EQ(act(current, make()), "sink.created ");
  CHECK_EQ(act(current, report_recovery{}), "");
  CHECK_EQ(act(current, report_failing{begin, "no connection"}), "sink.failing ");
  CHECK_EQ(act(current, report_failing{begin, "no connection"}), "");
  CHECK(current.failing_since == begin);
  CHECK_EQ(act(current, report_recovery{}), "sink.recovered ");
  CHECK(!current.failing_since);
  CHECK_EQ(act(current, report_failing{begin, "no connection"}), "sink.failing ");
  CHECK_EQ(act(current, to_enabled(false)), "sink.disabled ");
  CHECK(!current.failing_since);
}

SCENARIO("a target that cannot be one is refused") {
  state current;
  auto wanted = make();
  wanted.target.url = "http://a";
  CHECK_EQ(act(current, wanted), "invalid_argument");
  wanted = make();
  wanted.target.destination = "a b";
  CHECK_EQ(act(current, wanted), "invalid_argument");
  CHECK_EQ(act(current, make()), "sink.created ");
  change changed;
  changed.destination = "a:b";
  CHECK_EQ(act(current, changed), "sink.updated ");
  CHECK_EQ(act(current, to_url("kafka://a", "secret")), "invalid_argument");
}
