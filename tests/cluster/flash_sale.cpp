#include "tests/support/role_cluster.hpp"

#define CAF_SUITE cluster.flash_sale
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

command_result sell(const std::string& node, const std::string& units, const std::string& buyers) {
  return run_waybill({"bench", "flash-sale", "--connect=" + node, "--units=" + units, "--buyers=" + buyers});
}

} // namespace

SCENARIO("I2: buyers from another process get every unit of a product and none beyond") {
  role_cluster shop;
  const auto sold = sell(shop.node("inventory").listen_address(), "500", "100");
  CHECK_EQ(sold.code, std::optional<int>{0});
  CHECK(sold.out.find(R"("reserved": 500,)") != std::string::npos);
  CHECK(sold.out.find(R"("refused": 100,)") != std::string::npos);
  CHECK(sold.out.find(R"("reserved_at_end": 500,)") != std::string::npos);
  CAF_MESSAGE(sold.out << sold.err);
  const auto elsewhere = sell(shop.node("order").listen_address(), "1", "1");
  CHECK_EQ(elsewhere.code, std::optional<int>{1});
  CHECK(elsewhere.err.find("has no stock") != std::string::npos);
  const auto address = shop.node("inventory").listen_address();
  for (const auto& [role, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
  CHECK_EQ(sell(address, "1", "1").code, std::optional<int>{8});
}
