#include "shell/views/listing.hpp"

#define CAF_SUITE shell.listing
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;

namespace {

listing two_orders() {
  listing list{"orders", {"ORDER", "WAITS FOR"}, {{"ord_1", "stock"}, {"ord_2", "a \"b\", c"}}, {}};
  list.items = {boost::json::object{{"id", "ord_1"}}, boost::json::object{{"id", "ord_2"}}};
  list.more = {{"more", false}};
  list.remark = "2 orders\n";
  return list;
}

} // namespace

SCENARIO("a list has the same items in every format") {
  const auto list = two_orders();
  CHECK_EQ(render(list, output_format::table), "ORDER  WAITS FOR\nord_1  stock\nord_2  a \"b\", c\n2 orders\n");
  CHECK_EQ(render(list, output_format::json), "{\"orders\":[{\"id\":\"ord_1\"},{\"id\":\"ord_2\"}],\"more\":false}\n");
  CHECK_EQ(render(list, output_format::jsonl), "{\"id\":\"ord_1\"}\n{\"id\":\"ord_2\"}\n");
  CHECK_EQ(render(list, output_format::csv), "order,waits_for\nord_1,stock\nord_2,\"a \"\"b\"\", c\"\n");
}

SCENARIO("lines that are wider than the terminal are cut by characters, and say so") {
  CHECK_EQ(fit_to_width("12345\n123456\nZürich\n", 5), "12345\n1234…\nZüri…\n");
  CHECK_EQ(fit_to_width("Zürich", 6), "Zürich");
  CHECK_EQ(fit_to_width("no terminal says its width", 0), "no terminal says its width");
}

SCENARIO("a cell is no formula for the spreadsheet that opens it") {
  CHECK_EQ(csv_line({"=1+1", "-", "-3.5", "@x", "+1", "a\nb"}), "'=1+1,-,-3.5,'@x,'+1,\"a\nb\"\n");
}
