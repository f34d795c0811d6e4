#include "domain/base/suggestion.hpp"

#define CAF_SUITE domain.suggestion
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

const std::vector<std::string> known{"node", "scenario", "bench", "shell", "config", "health", "version"};

} // namespace

SCENARIO("a word with a typing error is recognised") {
  CHECK_EQ(closest_word("nodee", known), "node");
  CHECK_EQ(closest_word("ndoe", known), "node");
  CHECK_EQ(closest_word("nod", known), "node");
  CHECK_EQ(closest_word("scenrio", known), "scenario");
  CHECK_EQ(closest_word("scenarios", known), "scenario");
  CHECK_EQ(closest_word("vers", known), "version");
  CHECK_EQ(did_you_mean("helth", known, "--"), "; did you mean --health?");
}

SCENARIO("a word that is similar to no known one gets no suggestion") {
  CHECK_EQ(closest_word("elephant", known), "");
  CHECK_EQ(closest_word("", known), "");
  CHECK_EQ(closest_word("x", known), "");
  CHECK_EQ(closest_word(std::string(10'000, 'n'), known), "");
  CHECK_EQ(did_you_mean("elephant", known), "");
}
