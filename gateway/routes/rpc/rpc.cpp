#include "doors/rpc/json_rpc.hpp"
#include "doors/rpc/methods.hpp"
#include "doors/rpc/xml_rpc.hpp"
#include "gateway/context/request_charge.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/http/text.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/rpc/payment_calls.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

// POST /rpc: calls in XML-RPC or JSON-RPC, by the type of the body. What concerns the request as a whole (who asks, how
// often, how much) is refused with a status of HTTP as everywhere; what concerns a call is a fault.

namespace waybill::http::routes::rpc_door {

namespace json = boost::json;

namespace {

/// So long all calls of a request together wait for the payment provider.
constexpr milliseconds patience{6'000};

struct named_fault {
  std::string_view word;
  rpc::fault_code code;
};

constexpr std::array faults{
  named_fault{"not_found", rpc::fault_code::not_found},
  named_fault{"forbidden", rpc::fault_code::forbidden},
  named_fault{"illegal_transition", rpc::fault_code::illegal_transition},
  named_fault{"conflict", rpc::fault_code::conflict},
  named_fault{"version_mismatch", rpc::fault_code::version_mismatch},
  named_fault{"idempotency_key_reused", rpc::fault_code::key_reused},
  named_fault{"validation_failed", rpc::fault_code::invalid_parameters},
  named_fault{"rate_limited", rpc::fault_code::rate_limited},
  named_fault{"overloaded", rpc::fault_code::unavailable},
  named_fault{"unavailable", rpc::fault_code::unavailable},
};

rpc::fault to_fault(const problem& error) {
  const auto* const known = std::ranges::find(faults, error.code, &named_fault::word);
  const auto code = known == faults.end() ? rpc::fault_code::internal : known->code;
  return {code, std::string{error.code}, error.detail};
}

task<rpc::outcome> carry_out(context& ctx, const request& req, const rpc::call& wanted, clock::time_point wait_until) {
  const auto* method = rpc::find_method(wanted.method);
  if (method == nullptr)
    co_return rpc::no_such_method(wanted.method);
  const auto bound = rpc::bind(*method, wanted);
  if (const auto* wrong = std::get_if<rpc::fault>(&bound))
    co_return *wrong;
  const auto& arguments = std::get<std::vector<std::string>>(bound);
  if (method->id == rpc::method_id::payment_status)
    co_return co_await payment_status(ctx, req, arguments[0]);
  if (method->id != rpc::method_id::process_payment)
    co_return rpc::describe(*method, arguments);
  const auto token = arguments.size() > 1 ? std::optional{arguments[1]} : std::nullopt;
  co_return co_await process_payment(ctx, req, arguments[0], token, wait_until);
}

task<rpc::outcome> outcome_of(context& ctx, const request& req, const std::variant<rpc::call, rpc::fault>& read,
                              clock::time_point wait_until) {
  if (const auto* wrong = std::get_if<rpc::fault>(&read))
    co_return *wrong;
  try {
    co_return co_await carry_out(ctx, req, std::get<rpc::call>(read), wait_until);
  } catch (const problem& error) {
    co_return to_fault(error);
  }
}

/// Each call costs what a request costs; the first one is paid.
void charge(const request& req, std::size_t place) {
  if (place == 0 || !req.charge)
    return;
  if (req.caller.authenticated)
    req.charge->take(rate_class::writes, req.caller.id);
  else
    req.charge->take_of_address(rate_class::writes);
}

task<response> answer_xml(context& ctx, const request& req) {
  const auto read = rpc::read_xml_call(req.body);
  const auto outcome = co_await outcome_of(ctx, req, read, clock::now() + patience);
  response result;
  result.content_type = "text/xml; charset=utf-8";
  result.body = rpc::write_xml_response(outcome);
  co_return result;
}

task<response> answer_json(context& ctx, const request& req) {
  const auto requested = rpc::read_json_request(req.body);
  const auto wait_until = clock::now() + patience;
  json::array answers;
  for (std::size_t i = 0; i < requested.calls.size(); ++i) {
    const auto& item = requested.calls[i];
    rpc::outcome outcome;
    try {
      charge(req, i);
      // Nobody hears what comes of a notification.
      const auto until = item.id ? wait_until : clock::now();
      outcome = co_await outcome_of(ctx, req, item.read, until);
    } catch (const problem& error) {
      outcome = to_fault(error);
    }
    if (item.id)
      answers.push_back(rpc::to_json_response(*item.id, outcome));
  }
  response result;
  if (answers.empty())
    result.status = 204;
  else
    result.body = json::serialize(requested.is_batch ? json::value(answers) : answers.front());
  co_return result;
}

bool is_type(const request& req, std::string_view wanted) {
  const auto type = req.header(field::content_type);
  return same_letters(trim(type.substr(0, type.find(';'))), wanted);
}

} // namespace

void require_type(const request& req) {
  if (!is_type(req, "application/json") && !is_type(req, "text/xml") && !is_type(req, "application/xml"))
    throw problem{415,
                  "unsupported_media_type",
                  "the body must be text/xml (XML-RPC) or application/json (JSON-RPC 2.0)",
                  {},
                  {{"Accept", "text/xml, application/json"}}};
  require_plain(req);
}

task<response> answer(context& ctx, const request& req) {
  require_type(req);
  if (is_type(req, "application/json"))
    co_return co_await answer_json(ctx, req);
  co_return co_await answer_xml(ctx, req);
}

} // namespace waybill::http::routes::rpc_door
