#include "domain/json/codec.hpp"
#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.functions
#include <caf/test/bdd_dsl.hpp>

#include <set>

using namespace waybill;
using namespace waybill::test;

namespace {

append function(const std::string& name, const std::string& source, std::uint64_t version = 0) {
  function::state state;
  state.name = name;
  if (!source.empty()) {
    state.current = 1;
    state.versions.push_back({1, source, "digest of " + source, {"admin", "usr_1"}, {}});
  }
  state.version = version + 1;
  auto made = make_append(function::id_of(name).value, version, 1, encode(state));
  made.kind = entity_kind::function;
  return made;
}

std::string names_of(const function_page& page) {
  std::string text;
  for (const auto& each : page.functions)
    text += each.name + ' ';
  return text + (page.more ? "..." : "");
}

} // namespace

SCENARIO("functions are listed by name, without those that were removed and without anything else") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    CHECK_EQ(names_of(query->run(list_functions{}).value()), "");
    for (const auto* each : {"b", "a-b", "a", "z9", "c"})
      write(*journal, function(each, "return 1"));
    write(*journal, function("c", "", 1));
    write(*journal, make_append("ord_1", 0));
    write(*journal, make_append("usr_1", 0));
    CHECK_EQ(names_of(query->run(list_functions{}).value()), "a a-b b z9 ");
    CHECK_EQ(names_of(query->run(list_functions{{}, 2}).value()), "a a-b ...");
    CHECK_EQ(names_of(query->run(list_functions{"a-b", 2}).value()), "b z9 ");
    const auto first = query->run(list_functions{{}, 1}).value().functions.at(0);
    CHECK_EQ(first.digest, "digest of return 1");
    CHECK_EQ(first.by.id, "usr_1");
    CHECK_EQ(first.current, 1u);
  });
}

SCENARIO("the revision of the functions changes with each of them, also when one is removed, and with nothing else") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    const auto revision = [&] { return query->run(get_function_revision{}).value().number; };
    CHECK_EQ(revision(), 0u);
    std::set<std::uint64_t> seen{0};
    for (const auto& change : {function("a", "return 1"), function("b", "return 1"), function("a", "return 2", 1),
                               function("b", "", 1)}) {
      write(*journal, change);
      CHECK(seen.insert(revision()).second);
    }
    write(*journal, make_append("ord_1", 0));
    CHECK_EQ(revision(), *seen.rbegin());
  });
}
