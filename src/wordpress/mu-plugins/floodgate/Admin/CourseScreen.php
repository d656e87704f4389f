<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;
use Floodgate\Registration\CourseDraft;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Refusal;

/** A course's form: a new one, or one to change. Every button is a submit button: it all works without JavaScript. */
final class CourseScreen implements Screen
{
    private const NONCE = 'floodgate-course';
    /** Courses whose addresses are made from the same title. */
    private const OF_ONE_TITLE = 99;

    private CourseForm $form;
    /** Id of the element that has the focus after a button of the fields. */
    private ?string $focus = null;

    public function __construct(private readonly Courses $courses, private readonly ?Course $course)
    {
        $this->form = CourseForm::of($course);
    }

    public function load(): void
    {
        // The menu's own title says "Course" for both.
        $GLOBALS['title'] = $this->title();
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        $post = wp_unslash($_POST);
        $this->form = CourseForm::submitted($post);
        if (!Session::made(self::NONCE)) {
            $this->form->mistakes->add('title', Session::ended());
            if (Pictures::isSent()) {
                $this->form->mistakes->add(Pictures::FILE, Session::withoutPicture());
            }
        } else {
            $this->form->takePicture();
            $this->focus = $this->form->fields->rearrange(is_string($post['do'] ?? null) ? $post['do'] : '');
            if ($this->focus === null) {
                $this->save();
            }
        }
        $this->form->mistakes->inTitle();
    }

    private function save(): void
    {
        if ($this->course !== null) {
            $this->form->mergeWith($this->course);
        }
        $draft = $this->form->draft($this->course);
        if ($draft === null) {
            return;
        }
        $save = fn (CourseDraft $draft): Course|Refusal
            => $this->course === null ? $this->courses->add($draft) : $this->courses->change($this->course, $draft);
        $saved = $save($draft);
        // A course that comes again each term has the title of the last one.
        for ($number = 2; $saved === Refusal::SlugTaken && $this->form->isAddressOpen() && $number <= self::OF_ONE_TITLE; $number++) {
            $saved = $save($draft->at(CourseForm::numbered($draft->slug, $number)));
        }
        if ($saved instanceof Refusal) {
            $this->form->refuse($saved, $this->course === null ? null : $this->courses->byId($this->course->id));
            return;
        }
        Overruled::forget($saved);
        wp_safe_redirect(Address::form($saved->id, match (true) {
            $this->course === null => Notice::Added,
            $saved->taken > 0 && self::where($saved) !== self::where($this->course) => Notice::Moved,
            default => Notice::Saved,
        }));
        exit;
    }

    /** @return list<int|string|null> what people have in their calendars of a course */
    private static function where(Course $course): array
    {
        return [$course->startsAt, $course->endsAt, $course->place];
    }

    /** What an organiser must know of this course before anything else. */
    private function warn(): void
    {
        $warnings = $this->course === null ? [] : array_filter([Words::unknownZone($this->course), self::elsewhere($this->course), ...Overruled::sentences($this->course)]);
        foreach ($warnings as $warning) {
            wp_admin_notice(esc_html($warning), ['type' => 'warning', 'additional_classes' => ['inline']]);
        }
    }

    /** What its text has from other sites since before that was refused; empty: nothing. */
    private static function elsewhere(Course $course): string
    {
        $addresses = ShownText::elsewhere($course->text);
        return $addresses === [] ? '' : CourseForm::saysElsewhere($addresses);
    }

    private function title(): string
    {
        return $this->course === null
            ? __('Add course', 'floodgate')
            /* translators: %s: title of a course */
            : sprintf(__('Edit course: %s', 'floodgate'), $this->course->title);
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1 class="wp-heading-inline"><?php echo esc_html($this->title()); ?></h1>
        <?php if ($this->course !== null) : ?>
        <a class="page-title-action" href="<?php echo esc_url(home_url($this->course->path())); ?>"><?php esc_html_e('View page', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Registrations', 'floodgate'); ?></a>
        <?php endif; ?>
        <hr class="wp-header-end">
        <?php Notice::show($this->course?->isDraft ?? false); ?>
        <?php $this->warn(); ?>
        <?php
        // What is wrong stands above the form, in its order.
        ob_start();
        $this->showForm();
        $form = (string) ob_get_clean();
        echo $this->form->mistakes->summary(), $form;
        ?>
        </div>
        <?php
    }

    private function showForm(): void
    {
        ?>
        <form method="post" enctype="multipart/form-data" novalidate action="<?php echo esc_url(Address::form($this->course?->id)); ?>">
        <?php wp_nonce_field(self::NONCE); ?>
        <?php if ($this->course !== null) : ?>
        <input type="hidden" name="shown" value="<?php echo esc_attr($this->form->shown()); ?>">
        <?php endif; ?>
        <?php // The first submit button is what the Enter key presses. ?>
        <button type="submit" name="do" value="save" class="screen-reader-text" tabindex="-1" aria-hidden="true"><?php esc_html_e('Save course', 'floodgate'); ?></button>
        <?php (new CourseFormTable($this->form, $this->course))->show(); ?>
        <h2 id="floodgate-fields"><?php esc_html_e('Fields of the form', 'floodgate'); ?></h2>
        <p><?php esc_html_e('Everybody is asked for a name and an e-mail address. Add what else you need to know; ask for no more than that.', 'floodgate'); ?></p>
        <?php echo $this->form->mistakes->at('fields'); ?>
        <?php (new FieldList($this->form->fields, $this->form->mistakes, $this->focus))->show(); ?>
        <p class="submit"><button type="submit" name="do" value="save" class="button button-primary"><?php esc_html_e('Save course', 'floodgate'); ?></button></p>
        </form>
        <?php
    }
}
