#include "messages/failures.hpp"

#include "domain/base/errors.hpp"
#include "messages/type_ids.hpp"

#include <caf/sec.hpp>

#define CAF_SUITE messages.failures
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("a failure keeps its code and its text on the way through CAF") {
  const auto again = to_failure(to_error({ec::out_of_stock, "2 of 5 are available"}));
  CHECK(again.code == ec::out_of_stock);
  CHECK_EQ(again.detail, "2 of 5 are available");
  CHECK(to_failure(caf::make_error(ec::not_found)).code == ec::not_found);
  CHECK_EQ(to_failure(caf::make_error(ec::not_found)).detail, "");
}

SCENARIO("a request without an answer in time has timed out") {
  const auto late = to_failure(caf::make_error(caf::sec::request_timeout));
  CHECK(late.code == ec::timed_out);
  CHECK_EQ(late.detail, "no answer in time");
  CHECK_EQ(to_failure(caf::make_error(caf::sec::request_timeout), "away").detail, "no answer in time");
}

SCENARIO("other errors of CAF are shown in CAF's words to operators, and in ours to clients") {
  const auto gone = caf::make_error(caf::sec::request_receiver_down);
  CHECK(to_failure(gone).code == ec::unavailable);
  CHECK_NE(to_failure(gone).detail.find("request_receiver_down"), std::string::npos);
  CHECK(to_failure(gone, "away").code == ec::unavailable);
  CHECK_EQ(to_failure(gone, "away").detail, "away");
}
