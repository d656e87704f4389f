<?php
/** WordPress has no database connection: nginx answers with the waiting page, or with the page it still has. */

declare(strict_types=1);

http_response_code(503);
header('X-Accel-Redirect: /.floodgate/shed');
