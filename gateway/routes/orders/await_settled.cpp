#include "gateway/routes/orders/order_support.hpp"

#include <algorithm>

namespace waybill::http::routes::orders {

namespace {

/// How much longer than the wait itself its answer may take.
constexpr milliseconds grace{2'000};
/// A wait is done in pieces of this length: a gateway that shuts down need not hold its client for the whole wait, and
/// an order that moves to another node meanwhile is asked there.
constexpr milliseconds wait_piece{500};
/// Between pieces that ended early, because the owner's clock may be ahead.
constexpr milliseconds wait_pause{100};

} // namespace

task<std::optional<order::state>> await_settled(context& ctx, const order_id& id, const viewer& whom,
                                                std::chrono::seconds wait) {
  const auto end = now() + wait;
  std::optional<order::state> latest;
  do {
    const auto began = clock::now();
    const await_order question{id, false, std::min(end, now() + wait_piece), whom};
    auto answer = co_await ctx.ask_for<order::state>(ctx.services().orders, question, wait_piece + grace);
    if (answer)
      latest = std::move(*answer);
    if (latest && order::is_settled(*latest))
      break;
    if (clock::now() - began < wait_piece) {
      timer pause{ctx.io(), wait_pause};
      co_await pause.async_wait(use_task);
    }
  } while (now() < end && !ctx.draining());
  co_return latest;
}

} // namespace waybill::http::routes::orders
