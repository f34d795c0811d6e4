#include "gateway/events/kept_position.hpp"

#include "messages/journal/event_log.hpp"

namespace waybill::http {

task<void> require_kept(context& ctx, const request& req, log_position position) {
  const read_log nothing{position, {}, 0};
  co_await ctx.query<log_page>(req, ctx.services().reader, nothing);
}

} // namespace waybill::http
