#include "nodes/wiring/tracing.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <unistd.h>

namespace waybill {

namespace {

/// By OpenTelemetry's semantic conventions for resources.
tracing::attributes resource_of(const node_config& config) {
  std::string roles;
  for (const auto held : config.roles)
    roles += (roles.empty() ? "" : ",") + std::string{role_name(held)};
  return {{"service.name", std::string{"waybill"}},
          {"service.version", std::string{WAYBILL_VERSION}},
          {"service.instance.id", config.node_name()},
          {"process.pid", std::int64_t{::getpid()}},
          {"waybill.roles", std::move(roles)}};
}

tracing::tracer_counters counters_of(caf::actor_system& sys) {
  auto* exported = sys.metrics().counter_singleton("waybill.trace", "spans-exported",
                                                   "Spans that the collector has taken.", "1", true);
  auto* dropped = sys.metrics().counter_family("waybill.trace", "spans-dropped", {"reason"},
                                               "Spans that were not delivered, by why.", "1", true);
  for (const auto reason :
       {tracing::drop_reason::queue_full, tracing::drop_reason::refused, tracing::drop_reason::undeliverable})
    dropped->get_or_add({{"reason", std::string{tracing::name_of(reason)}}});
  return {[exported](std::size_t spans) { exported->inc(static_cast<std::int64_t>(spans)); },
          [dropped](tracing::drop_reason reason, std::size_t spans) {
            const std::string word{tracing::name_of(reason)};
            dropped->get_or_add({{"reason", word}})->inc(static_cast<std::int64_t>(spans));
          }};
}

} // namespace

result<std::shared_ptr<tracing::tracer>> start_tracer(caf::actor_system& sys, const node_config& config) {
  if (config.traces.endpoint.empty())
    return std::shared_ptr<tracing::tracer>{};
  return tracing::tracer::start(config.traces, resource_of(config), config.on_postgresql() ? "postgresql" : "sqlite",
                                counters_of(sys));
}

} // namespace waybill
