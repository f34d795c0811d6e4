#include "brokers/kafka.hpp"

#include "brokers/connecting.hpp"
#include "brokers/tls.hpp"
#include "domain/base/errors.hpp"

#include <librdkafka/rdkafka.h>
#include <openssl/x509_vfy.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

namespace waybill::brokers {

namespace {

constexpr std::size_t error_size = 512;
constexpr milliseconds farewell{500};

struct producer_closer {
  void operator()(rd_kafka_t* producer) const {
    // What is still in the queue must not be sent behind what its owner publishes next.
    static_cast<void>(::rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT));
    static_cast<void>(::rd_kafka_flush(producer, static_cast<int>(farewell.count())));
    ::rd_kafka_destroy(producer);
  }
};
using producer_handle = std::unique_ptr<rd_kafka_t, producer_closer>;
using configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&::rd_kafka_conf_destroy)>;

/// What the threads of librdkafka tell. Lives longer than the producer.
struct producer_news {
  outbound::target_policy targets = outbound::target_policy::public_only;
  std::mutex mutex;
  std::string last_error;
  std::string certificate_error;
  /// Of the batch under way; changed only while it is polled.
  std::size_t open = 0;
  rd_kafka_resp_err_t first_failure = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* report, void* opaque) {
  auto& news = *static_cast<producer_news*>(opaque);
  if (news.open > 0)
    --news.open;
  if (report->err != RD_KAFKA_RESP_ERR_NO_ERROR && news.first_failure == RD_KAFKA_RESP_ERR_NO_ERROR)
    news.first_failure = report->err;
}

void on_error(rd_kafka_t*, int, const char* reason, void* opaque) {
  auto& news = *static_cast<producer_news*>(opaque);
  const std::scoped_lock lock{news.mutex};
  news.last_error = reason;
}

/// Says no more than OpenSSL, but which of the things that may be wrong with a certificate it was.
int check_certificate(rd_kafka_t*, const char* broker, std::int32_t, int* error, int, const char*, std::size_t, char*,
                      std::size_t, void* opaque) {
  if (*error == X509_V_OK)
    return 1;
  auto& news = *static_cast<producer_news*>(opaque);
  const std::scoped_lock lock{news.mutex};
  news.certificate_error = describe_certificate_error(broker, *error);
  return 0;
}

/// Its lines are told as the reason of a failure, not one by one.
void ignore_log(const rd_kafka_t*, int, const char*, const char*) {}

/// Brokers name other brokers, by names and addresses of theirs: each connection is looked at.
int connect_if_allowed(int descriptor, const sockaddr* address, int size, const char*, void* opaque) {
  if (!is_allowed(address, static_cast<producer_news*>(opaque)->targets))
    return EACCES;
  return ::connect(descriptor, address, static_cast<socklen_t>(size)) == 0 || errno == EINPROGRESS ? 0 : errno;
}

class kafka_publisher final : public publisher {
public:
  kafka_publisher(target to, connection_settings settings, stop_flag stop)
    : to_{std::move(to)}, settings_{std::move(settings)}, stop_{std::move(stop)} {
    news_.targets = settings_.targets;
  }

  result<void> publish(std::span<const message> batch) override {
    if (batch.empty())
      return {};
    auto done = open();
    if (done)
      done = send_and_wait(batch);
    if (!done)
      producer_.reset();
    return done;
  }

private:
  std::string servers() const {
    std::string all;
    for (const auto& each : to_.address.servers)
      all += (all.empty() ? "" : ",") + sink::to_string(each);
    return all;
  }

  failure late(const deadline& until, std::string_view what) {
    auto why = until.reason(servers() + std::string{what});
    const std::scoped_lock lock{news_.mutex};
    const auto& told = news_.certificate_error.empty() ? news_.last_error : news_.certificate_error;
    if (!told.empty())
      why.detail += ": " + told;
    // It repeats its nonce (https://github.com/confluentinc/librdkafka/pull/4895).
    constexpr int first_with_sound_scram = 0x02'06'01'00;
    if (told.find("SASL authentication") != std::string::npos && !to_.address.secure
        && ::rd_kafka_version() < first_with_sound_scram)
      why.detail += std::string{"; or this is Kafka 4, which refuses the SCRAM of librdkafka before 2.6.1 (this is "}
                    + ::rd_kafka_version_str() + "): reach it by kafkas://";
    return why;
  }

  result<void> open() {
    if (producer_)
      return {};
    if (auto sound = check_target(to_.address, settings_.targets); !sound)
      return sound;
    news_.last_error.clear();
    news_.certificate_error.clear();
    configuration made{::rd_kafka_conf_new(), &::rd_kafka_conf_destroy};
    std::string wrong;
    const auto set = [&](const char* name, const std::string& value) {
      std::array<char, error_size> text{};
      if (::rd_kafka_conf_set(made.get(), name, value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK)
        wrong = std::string{name} + ": " + text.data();
    };
    set("bootstrap.servers", servers());
    set("client.id", "waybill");
    // No message of a partition is stored twice or before an earlier one, whatever is repeated within the producer.
    set("enable.idempotence", "true");
    // A message that waited too long must not be left out while later ones are sent: the batch ends as a whole, here.
    set("message.timeout.ms", "0");
    set("linger.ms", "5");
    set("message.max.bytes", "8000000");
    set("socket.connection.setup.timeout.ms", std::to_string(settings_.connect_timeout.count()));
    set("reconnect.backoff.max.ms", "2000");
    set("allow.auto.create.topics", "true");
    set_security(set);
    if (!wrong.empty())
      return failure{ec::unavailable, "librdkafka takes no " + wrong};
    ::rd_kafka_conf_set_opaque(made.get(), &news_);
    ::rd_kafka_conf_set_dr_msg_cb(made.get(), &on_delivery);
    ::rd_kafka_conf_set_error_cb(made.get(), &on_error);
    ::rd_kafka_conf_set_log_cb(made.get(), &ignore_log);
    if (to_.address.secure)
      ::rd_kafka_conf_set_ssl_cert_verify_cb(made.get(), &check_certificate);
    ::rd_kafka_conf_set_connect_cb(made.get(), &connect_if_allowed);
    std::array<char, error_size> text{};
    producer_.reset(::rd_kafka_new(RD_KAFKA_PRODUCER, made.get(), text.data(), text.size()));
    if (!producer_)
      return failure{ec::unavailable, std::string{"librdkafka: "} + text.data()};
    static_cast<void>(made.release()); // The producer has it now.
    return {};
  }

  /// A password goes in the clear only through TLS; without it, the broker must know SCRAM.
  template <class Set>
  void set_security(Set set) {
    const bool signs_in = !to_.user.empty();
    const std::string kind = to_.address.secure ? "SSL" : "PLAINTEXT";
    set("security.protocol", signs_in ? "SASL_" + kind : kind);
    if (to_.address.secure && !settings_.ca_file.empty())
      set("ssl.ca.location", settings_.ca_file);
    if (!signs_in)
      return;
    set("sasl.mechanisms", to_.address.secure ? "PLAIN" : "SCRAM-SHA-512");
    set("sasl.username", to_.user);
    set("sasl.password", to_.password);
  }

  result<void> send_and_wait(std::span<const message> batch) {
    const deadline until{settings_.confirm_timeout, stop_};
    news_.open = 0;
    news_.first_failure = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (const auto& each : batch)
      if (auto sent = send(each, until); !sent)
        return sent;
    while (news_.open > 0) {
      if (until.is_over())
        return late(until, " has not confirmed all messages");
      ::rd_kafka_poll(producer_.get(), static_cast<int>(until.slice().count()));
      if (auto fatal = fatal_error(); !fatal)
        return fatal;
      if (news_.first_failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        break;
    }
    if (news_.first_failure != RD_KAFKA_RESP_ERR_NO_ERROR)
      return refused(news_.first_failure);
    return {};
  }

  failure refused(rd_kafka_resp_err_t why) const {
    return {ec::unavailable, servers() + " refuses: " + ::rd_kafka_err2str(why)};
  }

  result<void> fatal_error() {
    std::array<char, error_size> text{};
    if (::rd_kafka_fatal_error(producer_.get(), text.data(), text.size()) == RD_KAFKA_RESP_ERR_NO_ERROR)
      return {};
    return failure{ec::unavailable, servers() + ": " + text.data()};
  }

  result<void> send(const message& each, const deadline& until) {
    // The library takes a copy of it all.
    auto* const body = const_cast<char*>(each.body.data());
    for (;;) {
      const auto error = ::rd_kafka_producev(
        producer_.get(), RD_KAFKA_V_TOPIC(to_.destination.c_str()), RD_KAFKA_V_KEY(each.key.data(), each.key.size()),
        RD_KAFKA_V_VALUE(body, each.body.size()),
        RD_KAFKA_V_HEADER("content-type", content_type.data(), static_cast<ssize_t>(content_type.size())),
        RD_KAFKA_V_TIMESTAMP(std::chrono::duration_cast<std::chrono::milliseconds>(each.at.time_since_epoch()).count()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++news_.open;
        return {};
      }
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return refused(error);
      if (until.is_over())
        return late(until, " takes nothing");
      ::rd_kafka_poll(producer_.get(), static_cast<int>(until.slice().count()));
    }
  }

  target to_;
  connection_settings settings_;
  stop_flag stop_;
  producer_news news_;
  /// Ends before its news.
  producer_handle producer_;
};

} // namespace

std::unique_ptr<publisher> make_kafka_publisher(target to, const connection_settings& settings, stop_flag stop) {
  return std::make_unique<kafka_publisher>(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
