#include "test/Helpers.h"
