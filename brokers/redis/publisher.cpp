#include "brokers/redis/publisher.hpp"

#include "brokers/redis/connection.hpp"

#include <string>
#include <utility>

namespace waybill::brokers {

namespace {

class redis_publisher final : public publisher {
public:
  redis_publisher(target to, const connection_settings& settings, stop_flag stop)
    : destination_{std::move(to.destination)}, connection_{std::move(to.address), std::move(to.user),
                                                           std::move(to.password), settings, std::move(stop)} {}

  result<void> publish(std::span<const message> batch) override {
    if (batch.empty())
      return {};
    auto done = connection_.is_open() ? result<void>{} : connection_.open();
    if (done)
      done = add(batch);
    if (!done)
      connection_.close();
    return done;
  }

private:
  /// One transaction, so that no event is left out before one that is there: Redis runs all of it or nothing.
  result<void> add(std::span<const message> batch) {
    const auto until = connection_.patience();
    connection_.send({"MULTI"});
    for (const auto& each : batch)
      connection_.send(
        {"XADD", destination_, "*", "id", each.id, "type", each.type, "key", each.key, "event", each.body});
    connection_.send({"EXEC"});
    if (auto ran = connection_.receive_transaction(batch.size(), until); !ran)
      return ran.error();
    return {};
  }

  std::string destination_;
  redis::connection connection_;
};

} // namespace

std::unique_ptr<publisher> make_redis_publisher(target to, const connection_settings& settings, stop_flag stop) {
  return std::make_unique<redis_publisher>(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
