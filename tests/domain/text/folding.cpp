#include "domain/text/folding.hpp"

#define CAF_SUITE domain.folding
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("D2: a search ignores case, width, and how a letter is composed") {
  CHECK_EQ(fold_text("STRASSE Tea-1"), fold_text("stra\u00dfe TEA-1"));
  CHECK_EQ(fold_text("\u1e9e"), "ss");
  CHECK_EQ(fold_text("\u00c9COLE"), fold_text("e\u0301cole"));
  CHECK_EQ(fold_text("\u0395\u03a3"), fold_text("\u03b5\u03c2"));
  CHECK_EQ(fold_text("\u0416\u0423\u041a"), "\u0436\u0443\u043a");
  CHECK_EQ(fold_text("\uff34\uff25\uff21"), "tea");
  CHECK_EQ(fold_text("te\u00ada"), "tea");
  CHECK(fold_text("e") != fold_text("\u00e9"));
  CHECK_EQ(fold_text("\xff"), "\xff");
}

SCENARIO("D2: white space separates the words of a search") {
  using words = std::vector<std::string>;
  CHECK_EQ(folded_words("  Green\u00a0TEA\u3000100%\tgreen "), (words{"green", "tea", "100%"}));
  CHECK_EQ(folded_words(" \n"), words{});
}
