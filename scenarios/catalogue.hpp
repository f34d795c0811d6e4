#pragma once

#include "scenarios/story/story.hpp"

#include <vector>

namespace waybill::scenarios {

/// The compiled-in stories by number; throws invalid_story at the first call when one cannot be read.
const std::vector<story>& all_stories();

/// Nothing when there is no such story.
const story* find_story(int number);

} // namespace waybill::scenarios
