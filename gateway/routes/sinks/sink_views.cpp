#include "gateway/routes/sinks/sink_views.hpp"

#include "domain/json/codec.hpp"
#include "domain/sink/address.hpp"
#include "gateway/http/json_members.hpp"
#include "gateway/routes/follower/follower_views.hpp"

namespace waybill::http {

void write_sink(json_writer& out, const sink_view& shown) {
  const auto& [sink, progress] = shown;
  const auto address = sink::parse_address(sink.target.url);
  out.begin_object()
    .member("id", sink.id.value)
    .member("broker", address ? name_of(address->broker) : std::string_view{"unknown"})
    .member("url", sink.target.url)
    .member("destination", sink.target.destination);
  write_optional(out, "user", sink.target.user);
  write_words(out, "types", sink.types);
  out.member("description", sink.description).member("status", name_of(sink.status));
  write_time(out, "failing_since", sink.failing_since);
  out.member("position", to_string(progress.cursor));
  write_follower_members(out, sink, progress);
  out.end_object();
}

} // namespace waybill::http
