<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Field;
use Floodgate\Registration\Refusal;

/** Asks once more before a course is deleted; for its title, when people are registered. */
final class RemoveScreen implements Screen
{
    private const NONCE = 'floodgate-remove';

    private readonly FormMistakes $mistakes;

    public function __construct(private readonly Courses $courses, private readonly Course $course)
    {
        $this->mistakes = new FormMistakes();
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Delete course: %s', 'floodgate'), $this->course->title);
        if ($this->courses->ofSettings()?->id === $this->course->id) {
            wp_die(
                esc_html__('This course is in the site’s settings and cannot be deleted here. You can change it, or let its registration close.', 'floodgate'),
                '',
                ['response' => 403, 'link_url' => Address::courses(), 'link_text' => esc_html__('All courses', 'floodgate')]
            );
        }
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        check_admin_referer(self::NONCE . $this->course->id);
        $typed = is_string($_POST['title'] ?? null) ? Field::line(wp_check_invalid_utf8(wp_unslash($_POST['title']), true)) : '';
        if ($this->courses->remove($this->course->id, $typed === $this->course->title) === Refusal::NotEmpty) {
            $this->mistakes->add('title', __('Please type the title exactly as it is shown.', 'floodgate'));
            $this->mistakes->inTitle();
            return;
        }
        wp_safe_redirect(Address::courses(Notice::Removed));
        exit;
    }

    public function show(): void
    {
        $people = $this->course->taken + $this->course->held + $this->course->queued;
        ?>
        <div class="wrap floodgate">
        <h1><?php echo esc_html($GLOBALS['title']); ?></h1>
        <?php echo $this->mistakes->summary(); ?>
        <form method="post" novalidate action="<?php echo esc_url(Address::of(View::Remove, $this->course)); ?>">
        <?php wp_nonce_field(self::NONCE . $this->course->id); ?>
        <p><?php esc_html_e('The course’s page goes, and so do its registrations and cancellations. This cannot be undone.', 'floodgate'); ?></p>
        <?php if ($people > 0) : ?>
        <p><strong><?php
            /* translators: %s: number of people */
            echo esc_html(sprintf(_n('%s person is registered or waits for a seat.', '%s people are registered or wait for a seat.', $people, 'floodgate'), number_format_i18n($people)));
        ?></strong> <a href="<?php echo esc_url(ExportScreen::address($this->course)); ?>"><?php esc_html_e('Export as CSV', 'floodgate'); ?></a></p>
        <p><label for="floodgate-title"><?php
            /* translators: %s: title of a course */
            echo esc_html(sprintf(__('To delete it all the same, type its title, “%s”:', 'floodgate'), $this->course->title));
        ?></label></p>
        <?php echo $this->mistakes->at('title'); ?>
        <p><input type="text" class="regular-text" autocomplete="off" <?php echo $this->mistakes->attributes('title'); ?> value=""></p>
        <?php endif; ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Delete course', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::courses()); ?>"><?php esc_html_e('Keep course', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }
}
