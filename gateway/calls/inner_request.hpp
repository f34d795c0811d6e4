#pragma once

#include "doors/grpc/port.hpp"
#include "gateway/context/request_charge.hpp"
#include "gateway/routes/router.hpp"
#include "gateway/transport/worker.hpp"

#include <optional>

namespace waybill::http {

/// A request that came by no connection, on its way through the gateway's rules. Made on any thread, used on its
/// worker's.
class inner_request {
public:
  inner_request(worker& on, grpc_door::http_request from);

  /// Finds the route and the caller, and charges it. Throws a problem when it may not.
  task<void> admit();

  context& ctx() noexcept { return worker_.context(); }
  request& head() noexcept { return head_; }
  [[nodiscard]] const route& entry() const noexcept { return *route_.entry; }
  [[nodiscard]] bool is_admitted() const noexcept { return admitted_; }

  /// Counts, traces and logs it.
  void record(unsigned status);

  [[nodiscard]] grpc_door::http_answer to_answer(const problem& error);

private:
  worker& worker_;
  /// What the views in `head_` are of.
  grpc_door::http_request from_;
  ip_address peer_;
  clock::time_point began_ = clock::now();
  request head_;
  std::optional<request_charge> charge_;
  match route_;
  bool admitted_ = false;
};

/// The response as a door sees it, with the headers that the route set.
grpc_door::http_answer to_answer(response from);

} // namespace waybill::http
