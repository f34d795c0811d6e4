#include "gateway/routes/sinks/sink_views.hpp"

#include "domain/json/codec.hpp"
#include "domain/sink/address.hpp"
#include "gateway/http/json_members.hpp"

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
  write_time(out, "last_success_at", progress.last_success_at);
  write_time(out, "last_failure_at", progress.last_failure_at);
  write_optional(out, "last_error", progress.last_error);
  out.member("created_at", to_rfc3339(sink.created_at))
    .member("updated_at", to_rfc3339(sink.updated_at))
    .member("version", sink.version)
    .end_object();
}

} // namespace waybill::http
