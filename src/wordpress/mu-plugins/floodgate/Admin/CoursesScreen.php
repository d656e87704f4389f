<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Courses;

/** All courses. */
final class CoursesScreen implements Screen
{
    private CoursesTable $table;

    public function __construct(private readonly Courses $courses)
    {
    }

    public function load(): void
    {
        $this->table = new CoursesTable($this->courses);
        $this->table->prepare_items();
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1 class="wp-heading-inline"><?php esc_html_e('Courses', 'floodgate'); ?></h1>
        <a class="page-title-action" href="<?php echo esc_url(Address::form()); ?>"><?php esc_html_e('Add course', 'floodgate'); ?></a>
        <hr class="wp-header-end">
        <?php
        Notice::show();
        $this->table->display();
        echo '</div>';
    }
}
