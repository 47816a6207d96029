#include "../abi/Container.h"
