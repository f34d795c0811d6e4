#define CAF_SUITE actors.durability_gate
#include "actors/entity/placed/durability_gate.hpp"
#include "domain/base/errors.hpp"

#include <caf/test/bdd_dsl.hpp>

#include <string>
#include <vector>

using namespace waybill;

namespace {

struct fixture {
  /// Notes when `name` may go out, or that it never will.
  void pass(const std::string& name) {
    gate.pass([this, name](const failure* reason) { seen.push_back(reason == nullptr ? name : name + " is void"); });
  }

  durability_gate gate;
  std::vector<std::string> seen;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a message that depends on no append is sent at once") {
  pass("answer");
  CHECK_EQ(seen, std::vector<std::string>{"answer"});
}

SCENARIO("a message that depends on an append is sent when the append is durable, and not before") {
  const auto first = gate.place();
  pass("a");
  const auto second = gate.place();
  pass("b");
  CHECK(seen.empty());
  gate.reach(first);
  CHECK_EQ(seen, std::vector<std::string>{"a"});
  CHECK(!gate.is_open());
  gate.reach(second);
  CHECK_EQ(seen, (std::vector<std::string>{"a", "b"}));
  CHECK(gate.is_open());
}

SCENARIO("a message that depends on a refused append is never sent, and later messages are") {
  const auto first = gate.place();
  pass("a");
  gate.place();
  pass("b");
  gate.reach(first);
  gate.fail({ec::unavailable, "void"}, false);
  pass("c");
  CHECK_EQ(seen, (std::vector<std::string>{"a", "b is void", "c"}));
}

SCENARIO("an answer whose command is decided again is not sent before that") {
  gate.place();
  gate.set_deciding_again(true);
  gate.pass_answer([this](const failure*) { seen.push_back("answer"); });
  pass("question");
  gate.set_deciding_again(false);
  gate.fail({ec::unavailable, "void"}, true);
  CHECK_EQ(seen, std::vector<std::string>{"question is void"});
}

END_FIXTURE_SCOPE()
