// Looks at one order over gRPC, again and again: waybill_bench_grpc <host:port> <order> <calls at once> <seconds>
// With `health` for the order it asks the health service instead, which gRPC's library answers by itself.
// Prints the calls that were answered, per second. A program of its own: the node's load generator knows no gRPC.

#include <waybill/v1/order_service.pb.h>

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

/// A client that asks again as soon as it was answered, as a browser's connection would.
class client {
public:
  client(const std::shared_ptr<grpc::Channel>& channel, std::string method, const grpc::ByteBuffer& request)
    : stub_(channel), method_(std::move(method)), request_(request) {}

  void ask(const std::atomic<bool>& stop, std::atomic<long>& answered, std::latch& done) {
    context_ = std::make_unique<grpc::ClientContext>();
    stub_.UnaryCall(context_.get(), method_, {}, &request_, &response_,
                    [this, &stop, &answered, &done](const grpc::Status& status) {
                      if (!status.ok()) {
                        std::fprintf(stderr, "refused: %s\n", status.error_message().c_str());
                        std::exit(1);
                      }
                      answered.fetch_add(1, std::memory_order_relaxed);
                      if (stop.load(std::memory_order_relaxed))
                        done.count_down();
                      else
                        ask(stop, answered, done);
                    });
  }

private:
  grpc::GenericStub stub_;
  std::string method_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::unique_ptr<grpc::ClientContext> context_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: waybill_bench_grpc <host:port> <order> <calls at once> <seconds>\n");
    return 2;
  }
  const auto at_once = std::atoi(argv[3]);
  const std::chrono::seconds duration{std::atoi(argv[4])};
  const std::string what = argv[2];
  const bool health = what == "health";
  waybill::v1::GetOrderRequest question;
  if (!health)
    question.set_order_id(what);
  const std::string method = health ? "/grpc.health.v1.Health/Check" : "/waybill.v1.OrderService/GetOrder";
  const grpc::Slice octets{question.SerializeAsString()};
  const grpc::ByteBuffer request{&octets, 1};
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  std::atomic<bool> stop = false;
  std::atomic<long> answered = 0;
  std::latch done{at_once};
  std::vector<std::unique_ptr<client>> clients;
  for (int i = 0; i < at_once; ++i)
    clients.push_back(std::make_unique<client>(channel, method, request));
  const auto began = std::chrono::steady_clock::now();
  for (auto& each : clients)
    each->ask(stop, answered, done);
  while (std::chrono::steady_clock::now() - began < duration)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  const auto count = answered.load();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  stop = true;
  done.wait();
  std::printf("%.0f\n", static_cast<double>(count) / took.count());
  return 0;
}
