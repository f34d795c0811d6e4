#include "nodes/accounts/key_keeper.hpp"

#include <algorithm>

#define CAF_SUITE nodes.key_keeper
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

const auth_settings settings;
const token_rules rules;
const timestamp begin{std::chrono::seconds{1'700'000'000}};

std::vector<stored_signing_key> after(std::vector<stored_signing_key> keys, const signing_key_change& change) {
  keys.insert(keys.end(), change.added.begin(), change.added.end());
  std::erase_if(keys, [&](const auto& key) {
    return std::find(change.removed.begin(), change.removed.end(), key.kid) != change.removed.end();
  });
  return keys;
}

std::vector<stored_signing_key> look(const std::vector<stored_signing_key>& keys, timestamp at,
                                     const auth_settings& with = settings) {
  return after(keys, plan_signing_keys(keys, with, rules, at));
}

} // namespace

SCENARIO("the first key signs at once, and nothing changes while it is young") {
  const auto keys = look({}, begin);
  REQUIRE_EQ(keys.size(), 1u);
  CHECK(keys[0].signs_from == begin);
  CHECK_EQ(keys[0].algorithm, "EdDSA");
  CHECK(signing_key::read(signature_algorithm::eddsa, keys[0].secret).has_value());
  CHECK_EQ(look(keys, begin + settings.rotation - 1s).size(), 1u);
}

SCENARIO("the next key signs once every gateway has seen it; the old one is removed when its tokens have expired") {
  const auto first = look({}, begin);
  const auto due = begin + settings.rotation;
  const auto both = look(first, due);
  REQUIRE_EQ(both.size(), 2u);
  const auto starts = both[1].signs_from;
  CHECK(starts > due + settings.refresh);
  CHECK_EQ(look(both, due + 1s).size(), 2u);
  CHECK_EQ(look(both, starts + rules.lifetime).size(), 2u);
  const auto last = look(both, starts + rules.lifetime + 10min);
  REQUIRE_EQ(last.size(), 1u);
  CHECK_EQ(last[0].kid, both[1].kid);
}

SCENARIO("another algorithm gets its own key, and the old key signs until then") {
  const auto first = look({}, begin);
  auto others = settings;
  others.algorithm = signature_algorithm::es256;
  const auto both = look(first, begin + 1h, others);
  REQUIRE_EQ(both.size(), 2u);
  CHECK_EQ(both[1].algorithm, "ES256");
  CHECK(both[1].signs_from > begin + 1h);
}
