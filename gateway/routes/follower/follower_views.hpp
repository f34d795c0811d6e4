#pragma once

#include "domain/follower/follower.hpp"
#include "domain/json/json_writer.hpp"
#include "messages/journal/follower/follower_progress.hpp"

namespace waybill::http {

/// The members with which the JSON of a webhook endpoint and of a sink ends: how it goes, since when it is there, and
/// its version.
void write_follower_members(json_writer& out, const follower::state& shown, const follower_progress& progress);

} // namespace waybill::http
