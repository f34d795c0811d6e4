#pragma once

#include "tests/gateway/support/tokens.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace waybill::test {

/// An admin at a gateway, and an actor that plays the entities of one kind by a script.
template <class Script>
class scripted_scene {
public:
  /// `play` makes the actor's behaviour; it has the place of `entities` among the gateway's services.
  template <class Handle>
  scripted_scene(Handle gateway_services::*entities, typename Handle::behavior_type (*play)(std::shared_ptr<Script>)) {
    gateway = guarded_gateway(maker, [&](gateway_services& services) {
      services.*entities = services.orders->home_system().spawn(play, told);
      actor_ = caf::actor_cast<caf::actor>(services.*entities);
    });
  }
  ~scripted_scene() { caf::anon_send_exit(std::exchange(actor_, nullptr), caf::exit_reason::kill); }
  scripted_scene(const scripted_scene&) = delete;
  scripted_scene& operator=(const scripted_scene&) = delete;

  answer send(std::string_view method, const std::string& target, std::string_view body = {},
              header_list headers = {}) {
    headers.push_back(bearer(maker.token("usr_00000000000000000005", {"admin"}))[0]);
    return gateway->send(method, target, body, headers);
  }

  token_maker maker;
  std::shared_ptr<Script> told = std::make_shared<Script>();
  std::unique_ptr<fixture> gateway;

private:
  caf::actor actor_;
};

} // namespace waybill::test
