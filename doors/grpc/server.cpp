#include "doors/grpc/server.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "doors/grpc/services.hpp"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace waybill::grpc_door {

namespace {

/// How often the PEM files are looked at.
constexpr unsigned certificate_refresh_s = 10;
/// A client that does not show life for so long has gone.
constexpr int keepalive_timeout_ms = 20'000;
constexpr std::chrono::seconds health_interval{1};
/// Clients may ask for a sign of life as often; more is taken for an attack.
constexpr int least_ping_interval_ms = 5'000;

void forward_log(gpr_log_func_args* line) {
  if (line->severity == GPR_LOG_SEVERITY_ERROR)
    log_warning("gRPC: {}", line->message);
  else
    log_debug("gRPC: {}", line->message);
}

/// What gRPC has one of in a process.
void prepare_library() {
  static std::once_flag done;
  std::call_once(done, [] {
    gpr_set_log_function(forward_log);
    ::grpc::EnableDefaultHealthCheckService(true);
    ::grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

bool can_read(const std::string& path) {
  return std::ifstream{path}.good();
}

std::shared_ptr<::grpc::ServerCredentials> credentials_of(const settings& how) {
  if (how.certificate.empty())
    return ::grpc::InsecureServerCredentials();
  using namespace ::grpc::experimental;
  const auto files =
    std::make_shared<FileWatcherCertificateProvider>(how.key, how.certificate, how.client_ca, certificate_refresh_s);
  TlsServerCredentialsOptions options{files};
  options.watch_identity_key_cert_pairs();
  if (!how.client_ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return TlsServerCredentials(options);
}

std::string to_uri(const std::string& address, std::uint16_t port) {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

void set_limits(::grpc::ServerBuilder& builder, const settings& how) {
  const auto octets = static_cast<int>(how.message_limit);
  builder.SetMaxReceiveMessageSize(octets);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(how.max_streams));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(how.keepalive.count()));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, least_ping_interval_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(how.idle_timeout.count()));
  // Another process on the same port is an error, not a second server.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  ::grpc::ResourceQuota quota{"waybill"};
  quota.Resize(how.memory_limit);
  builder.SetResourceQuota(quota);
}

/// Asks the gateway, time and again, whether it is ready, and tells the health service.
class health_watch {
public:
  health_watch(::grpc::HealthCheckServiceInterface& service, std::shared_ptr<gateway_port> port)
    : service_(service), port_(std::move(port)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::promise<bool> ready;
      port_->send({.method = "GET", .target = "/readyz", .peer = "127.0.0.1"},
                  [&ready](const http_answer& answer) { ready.set_value(!is_problem(answer)); });
      service_.SetServingStatus(ready.get_future().get());
      std::unique_lock lock{mutex_};
      wake_.wait_for(lock, stop, health_interval, [] { return false; });
    }
    service_.SetServingStatus(false);
  }

  ::grpc::HealthCheckServiceInterface& service_;
  std::shared_ptr<gateway_port> port_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

class grpc_server final : public server {
public:
  result<void> open(const settings& how, std::shared_ptr<gateway_port> port) {
    prepare_library();
    services_ = make_services(std::make_shared<const call_environment>(call_environment{.port = port}));
    ::grpc::ServerBuilder builder;
    set_limits(builder, how);
    int bound = 0;
    const auto where = to_uri(how.address, how.port);
    builder.AddListeningPort(where, credentials_of(how), &bound);
    for (const auto& service : services_)
      builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (!server_ || bound <= 0)
      return failure{ec::unavailable, "the address " + where + " cannot be used for gRPC"};
    port_ = static_cast<std::uint16_t>(bound);
    health_ = std::make_unique<health_watch>(*server_->GetHealthCheckService(), std::move(port));
    return {};
  }

  ~grpc_server() override { stop({}, {}); }

  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }

  void stop(std::chrono::milliseconds delay, std::chrono::milliseconds limit) override {
    if (!server_)
      return;
    health_.reset();
    std::this_thread::sleep_for(delay);
    server_->Shutdown(std::chrono::system_clock::now() + limit);
    server_.reset();
  }

private:
  /// Outlive the server.
  std::vector<std::unique_ptr<::grpc::Service>> services_;
  std::unique_ptr<::grpc::Server> server_;
  std::unique_ptr<health_watch> health_;
  std::uint16_t port_ = 0;
};

} // namespace

std::string settings::validate() const {
  if (certificate.empty() != key.empty())
    return "gRPC needs both a certificate and its key for TLS";
  if (!client_ca.empty() && certificate.empty())
    return "gRPC can ask clients for certificates only under TLS";
  if (message_limit < 1024 || message_limit > 64U * 1024 * 1024)
    return "the limit of a gRPC message must be 1 KiB to 64 MiB";
  if (max_streams == 0 || max_streams > 100'000)
    return "the number of gRPC calls on one connection must be 1 to 100000";
  for (const auto* file : {&certificate, &key, &client_ca})
    if (!file->empty() && !can_read(*file))
      return "gRPC cannot read the file " + *file;
  return {};
}

result<std::unique_ptr<server>> server::start(settings how, std::shared_ptr<gateway_port> port) {
  if (auto wrong = how.validate(); !wrong.empty())
    return failure{ec::invalid_argument, std::move(wrong)};
  auto made = std::make_unique<grpc_server>();
  if (auto opened = made->open(how, std::move(port)); opened.has_error())
    return opened.error();
  return std::unique_ptr<server>{std::move(made)};
}

} // namespace waybill::grpc_door
