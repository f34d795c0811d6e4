#include "shell/views/colours.hpp"

#define CAF_SUITE shell.colours
#include <caf/test/bdd_dsl.hpp>

using waybill::shell::with_colours;

SCENARIO("a status in a table gets its colour, and the text stays the same") {
  CHECK_EQ(with_colours("ord_1  needs_attention  2 s\n"), "ord_1  \x1b[31mneeds_attention\x1b[0m  2 s\n");
  CHECK_EQ(with_colours("status  completed"), "status  \x1b[32mcompleted\x1b[0m");
  CHECK_EQ(with_colours("ORDER  STATUS\n"), "ORDER  STATUS\n");
  CHECK_EQ(with_colours(""), "");
}

SCENARIO("a status word inside another word gets no colour") {
  for (const auto* text :
       {"order.completed", "node-up", "up_to_date", "It is rejected: nothing is under way.", "dead-letters"})
    CHECK_EQ(with_colours(text), text);
}
