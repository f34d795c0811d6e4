#include "persistence/faults/refused_appends.hpp"

#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.refused_appends
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

append placed(int number) {
  auto made = make_append("ord_" + std::to_string(number), 0);
  made.epoch = 1;
  made.is_built_on = true;
  return made;
}

void check_refusals(backend& database) {
  auto journal = database.journal();
  // As long as it is off nothing is refused, and nothing counted.
  std::vector<append> all;
  int number = 0;
  for (; number < 20; ++number)
    all.push_back(placed(number));
  for (const auto& outcome : journal->commit(all).value())
    CHECK(outcome.has_value());

  refused_appends::begin(std::chrono::hours{1});
  // Nobody can have built on these.
  for (; number < 40; ++number) {
    auto alone = placed(number);
    alone.is_built_on = false;
    CHECK_EQ(write(*journal, alone), 1u);
  }
  int refused = 0;
  for (const auto last = number + 70; number < last; ++number)
    refused += outcome_of(*journal, placed(number)) == ec::conflict ? 1 : 0;
  CHECK_EQ(refused, 10);
  while (outcome_of(*journal, placed(number++)) == ec::none) {
  }

  // One of seven that come together is refused, what was placed behind it is void, and what builds on nothing is
  // written all the same.
  std::vector<append> together;
  for (int i = 0; i < 7; ++i)
    together.push_back(placed(number++));
  together.push_back(placed(number++));
  together.push_back(make_append("prd_1", 0));
  const auto outcomes = journal->commit(together).value();
  CHECK_EQ(outcomes[6].error().code, ec::conflict);
  CHECK(outcomes[6].error().detail.find("fault injection") != std::string::npos);
  CHECK_EQ(outcomes[7].error().code, ec::conflict);
  CHECK(outcomes[8].has_value());
  const auto query = database.query();
  for (const std::size_t nothing_of : {6, 7})
    CHECK_EQ(query->run(load_entity{entity_kind::order, together[nothing_of].stream}).value().version, 0u);
  CHECK_EQ(query->run(load_entity{entity_kind::order, together[5].stream}).value().version, 1u);
  // The place is free: there was no other writer.
  CHECK_EQ(write(*journal, together[6]), 1u);
  refused_appends::end();
  CHECK(!refused_appends::is_on());
  for (const auto last = number + 20; number < last; ++number)
    CHECK_EQ(write(*journal, placed(number)), 1u);
}

} // namespace

SCENARIO("fault injection refuses one of seven appends that others build on, and what was placed behind it is void") {
  sqlite_backend sqlite;
  check_refusals(sqlite);
  postgresql_backend postgresql;
  check_refusals(postgresql);
}
