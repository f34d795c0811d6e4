#define CAF_SUITE brokers.redis

#include "brokers/make_publisher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <thread>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using boost::asio::ip::tcp;

namespace {

/// Answers the first connection with `answer`, whatever it says.
class scripted_redis {
public:
  explicit scripted_redis(std::string answer)
    : acceptor_{context_, tcp::endpoint{boost::asio::ip::make_address("127.0.0.1"), 0}}, thread_{[this,
                                                                                                  answer =
                                                                                                    std::move(answer)] {
        auto peer = acceptor_.accept();
        std::array<char, 1'024> heard{};
        peer.read_some(boost::asio::buffer(heard));
        boost::asio::write(peer, boost::asio::buffer(answer));
      }} {}

  [[nodiscard]] std::string url() const {
    return "redis://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::jthread thread_;
};

} // namespace

SCENARIO("a server that repeats the password in its refusal does not bring it into the reason") {
  scripted_redis server{"-ERR unknown command 'AUTH', with args beginning with: 'octopus-23'\r\n"};
  brokers::connection_settings settings;
  settings.targets = outbound::target_policy::any;
  auto address = sink::parse_address(server.url());
  CAF_REQUIRE(address.has_value());
  const auto publisher = brokers::make_publisher({std::move(*address), "events", {}, "octopus-23"}, settings, nullptr);
  const auto published =
    publisher->publish(std::vector<brokers::message>{{"evt_1", "order.placed", "ord_1", now(), "{}"}});
  CAF_REQUIRE(published.has_error());
  CHECK_EQ(published.error().detail.find("octopus"), std::string::npos);
  CHECK_NE(published.error().detail.find("signing in"), std::string::npos);
}
