#include "bench/workloads/goods.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace waybill::bench {

boost::asio::awaitable<outbound::http_response> ask(outbound::api_client& client, outbound::api_request request,
                                                    unsigned expected) {
  const auto name = request.method + " " + request.target;
  auto answer = co_await client.send(std::move(request));
  if (!answer)
    throw server_error{name + ": " + answer.error().detail};
  if (answer->status != expected)
    throw std::runtime_error{name + " answered " + std::to_string(answer->status)};
  co_return std::move(*answer);
}

boost::asio::awaitable<std::string> make_product(outbound::api_client& client, const std::string& sku) {
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/products";
  request.body = json::serialize(json::object{{"sku", sku},
                                              {"name", "Bench product " + sku},
                                              {"price", json::object{{"amount", 1299}, {"currency", "EUR"}}},
                                              {"on_hand", 1'000'000'000}});
  const auto answer = co_await ask(client, std::move(request), 201);
  co_return std::string{json::parse(answer.body).at("id").as_string()};
}

std::string order_body(const std::string& product) {
  return json::serialize(
    json::object{{"lines", json::array{json::object{{"product_id", product}, {"quantity", 1}}}},
                 {"payment", json::object{{"method", "card"}, {"token", "tok_ok"}}},
                 {"delivery", json::object{{"name", "Bench"}, {"address", "Main Street 1 [couriers: complete]"}}}});
}

} // namespace waybill::bench
