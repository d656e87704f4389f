<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The course is not any more as it was known when a claim was made: by what it is now, the claim may succeed. */
final class CourseChanged extends DatabaseError
{
}
